# requires: apscheduler<4 pytz
import threading
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

done = threading.Event()
scheduler = BackgroundScheduler(timezone="UTC")
scheduler.add_job(done.set, "interval", seconds=0.05, jobstore="default")
scheduler.add_job(print, "cron", hour=5, id="daily")
scheduler.start()
print(done.wait(5), scheduler.get_job("daily").trigger)
print(CronTrigger.from_crontab("0 6 * * mon", timezone="Europe/Berlin").get_next_fire_time(None, datetime(2024, 1, 1).astimezone()).isoformat())
scheduler.shutdown(wait=False)
