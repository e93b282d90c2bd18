# requires: holidays croniter schedule dateparser parsedatetime convertdate
import holidays, croniter, schedule, dateparser, parsedatetime, datetime, convertdate.hebrew, convertdate.islamic
print(sorted(str(d) for d in holidays.country_holidays("DE", subdiv="BY", years=2021))[:4], holidays.US(years=2020).get("2020-07-04"), holidays.financial_holidays("NYSE", years=2021).get("2021-12-24"))
c = croniter.croniter("*/5 3 * * 1", datetime.datetime(2020, 1, 1)); print(c.get_next(datetime.datetime), c.get_prev(datetime.datetime), croniter.croniter.is_valid("61 * * * *"))
out = []; schedule.every(10).seconds.do(lambda: out.append(1)); schedule.run_all(); print(out, len(schedule.get_jobs()))
b = datetime.datetime(2020, 1, 10); print(dateparser.parse("3 days ago", settings={"RELATIVE_BASE": b}), dateparser.parse("12 janvier 2019"), dateparser.parse("5 Mai 2018 14:00", languages=["de"]))
print(parsedatetime.Calendar().parseDT("tomorrow at 5pm", sourceTime=b)[0]); print(convertdate.hebrew.from_gregorian(2020, 1, 1), convertdate.islamic.to_gregorian(1441, 1, 1))
