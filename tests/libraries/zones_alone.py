# requires:
"""The class is written in C and takes the interface of datetime, which nothing here names."""
import zoneinfo

print(zoneinfo.ZoneInfo("Europe/Berlin"))
