# requires: cookiecutter jinja2-time mkdocs
import os, subprocess
from cookiecutter.main import cookiecutter
os.makedirs("/tmp/tpl/{{cookiecutter.name}}", exist_ok=True); open("/tmp/tpl/cookiecutter.json", "w").write('{"name": "proj", "slug": "{{ cookiecutter.name|upper }}", "_extensions": ["jinja2_time.TimeExtension"]}'); open("/tmp/tpl/{{cookiecutter.name}}/a.txt", "w").write("{{cookiecutter.slug}}")
print(cookiecutter("/tmp/tpl", no_input=True, output_dir="/tmp/out"), open("/tmp/out/proj/a.txt").read())
os.makedirs("/tmp/site/docs", exist_ok=True); open("/tmp/site/mkdocs.yml", "w").write("site_name: S\ntheme: readthedocs\nmarkdown_extensions:\n- toc\n- admonition\nplugins: [search]\n"); open("/tmp/site/docs/index.md", "w").write("# Hello\n\n!!! note\n    hi\n")
r = subprocess.run(["mkdocs", "build", "-q", "-f", "/tmp/site/mkdocs.yml"], capture_output=True, text=True); print(r.returncode, r.stderr[-500:] if r.returncode else ""); print("admonition" in open("/tmp/site/site/index.html").read(), sorted(os.listdir("/tmp/site/site"))[:4])
