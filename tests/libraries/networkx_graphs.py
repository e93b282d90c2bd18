# requires: networkx
import networkx as nx

graph = nx.karate_club_graph()
print(nx.shortest_path(graph, 0, 33), len(list(nx.connected_components(graph))), nx.density(graph))
print(nx.to_dict_of_lists(nx.path_graph(3)), sorted(nx.degree_centrality(nx.star_graph(3)).items())[0])
print("\n".join(nx.generate_graphml(nx.path_graph(2)))[:60], nx.is_isomorphic(nx.cycle_graph(3), nx.complete_graph(3)))
print(list(nx.topological_sort(nx.DiGraph([(1, 2), (2, 3)]))), nx.minimum_spanning_tree(nx.complete_graph(4)).number_of_edges())
