# requires: flask-sqlalchemy flask-login flask-wtf flask-migrate flask-cors flask-restful email-validator
from flask import Flask
from flask_cors import CORS
from flask_login import LoginManager, UserMixin, login_required, login_user
from flask_migrate import Migrate
from flask_restful import Api, Resource
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from wtforms import EmailField
from wtforms.validators import Email

app = Flask(__name__)
app.config.update(SECRET_KEY="k", SQLALCHEMY_DATABASE_URI="sqlite://", WTF_CSRF_ENABLED=False)
db, login = SQLAlchemy(app), LoginManager(app)
Migrate(app, db)
CORS(app)
api = Api(app)


class User(db.Model, UserMixin):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)


class Form(FlaskForm):
    mail = EmailField(validators=[Email()])


class Thing(Resource):
    def get(self):
        return {"users": User.query.count()}


api.add_resource(Thing, "/thing")
login.user_loader(lambda i: db.session.get(User, int(i)))
app.add_url_rule("/in", "in", lambda: (login_user(User.query.first()), "in")[1])
app.add_url_rule("/secret", "secret", login_required(lambda: "secret"))
app.add_url_rule("/form", "form", lambda: Form(data={"mail": "nope"}).mail.validate(Form(data={"mail": "nope"})) and "ok" or "bad", methods=["POST"])
with app.app_context():
    db.create_all()
    db.session.add(User(name="a"))
    db.session.commit()
client = app.test_client()
print(client.get("/secret").status_code, client.get("/in").text, client.get("/secret").text, client.get("/thing").json, client.post("/form").text)
