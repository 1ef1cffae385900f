"""Every page of the site in a browser: used, in light and dark, on a desktop and on a phone. Runs after the build."""

import pytest

CHECKS = [
    "requests",
    "console",
    "sliders",
    "copy",
    "wide formulas",
    "dark pictures",
    "sideways",
    "scrolling boxes",
    "touch targets",
    "axe, light",
    "axe, dark",
]
LIMIT = 3_000_000  # bytes a reader downloads for one page


@pytest.mark.parametrize("check", CHECKS)
def test_no_page_complains(visits, check):
    found = {name: visit.complaints[check] for name, visit in visits.items() if visit.complaints[check]}
    assert found == {}


@pytest.mark.parametrize("check", ["requests", "console", "sliders"])
def test_no_page_complains_when_opened_from_the_disk(disk_visits, check):
    assert {name: complaints[check] for name, complaints in disk_visits.items() if complaints[check]} == {}


def test_every_page_is_light(visits, capsys):
    with capsys.disabled():
        print("\n\nsize of each page: packed, unpacked (MB); largest paint (s, on this machine)")
        for name, visit in visits.items():
            print(f"{visit.transferred / 1e6:8.2f} {visit.unpacked / 1e6:6.2f} {visit.paint:6.2f}  {name}")
    assert {name: visit.transferred for name, visit in visits.items() if visit.transferred > LIMIT} == {}
