"""What a new user runs first."""

import re


def test_the_demo_ends_with_0_and_prints_what_it_asked_applied_and_measured(programs):
    demo = programs.run("demo")
    assert demo.wait(within=240) == 0, demo.story()
    text = "\n".join(demo.lines)
    rows = re.findall(
        r"^(\w+) +(\d+) +([\d.]+) +([\d.]+) +(\d+) +(\d+) +(\d+)$", text, flags=re.M)
    measured = {}
    for phase, asked, applied, share, stable, canary, failed in rows:
        assert failed == "0", text
        if phase != "undone":
            assert abs(float(applied) - int(asked)) <= 0.05, text
            assert abs(float(share) - int(asked)) <= 1, text
            counted = 100 * int(canary) / (int(stable) + int(canary))
            assert abs(counted - float(share)) <= 0.01, text
        measured[phase, int(asked)] = int(stable) + int(canary)
    for share in (5, 20, 50, 100):
        assert measured["holding", share] >= 2000, text
    assert measured["aborted", 0] == 500, text
    assert ("promoted", 100) in measured, text
    assert re.search(r"(\d{2,}) other requests went on meanwhile, 0 failed", text), text
    back = re.search(r"first bad answer → canary weight 0 in Kong: ([\d.]+) s", text)
    assert back and float(back[1]) <= 5, text
    assert "aborted by judge" in text, text
