fn main() {
    let f = std::env::args().nth(1).unwrap();
    let facts = bantam::reach::python::extract::extract(&std::fs::read(f).unwrap());
    println!("{:?}", facts.unparsed);
    for (i, u) in facts.units.iter().enumerate() {
        println!(
            "{i} {:?} {} guard {:?} parent {} imports {:?}",
            u.kind,
            u.name,
            u.guard,
            u.parent,
            u.imports.iter().map(|i| (i.level, &i.module)).collect::<Vec<_>>()
        );
    }
}
