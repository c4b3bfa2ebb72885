import pytest

from ionspice.core import InputError
from ionspice.pipeline import parse_case


@pytest.mark.parametrize(
    ("section", "line", "reason"),
    [
        ("geometry", "layers = 100000", "more than 10,000"),
        ("geometry", 'slit = "2 mm"', "more than 1 mm"),
        ("geometry", 'sheet_length = "1e300 nm"', "more than 1 mm"),
        ("drive", "cycles = 1000000000", "more than 10,000"),
        ("drive", 'amplitude = "110 V"', "more than 10 V"),
        ("drive", 'half_cycle = "1e20 s"', "more than 1,000,000 s"),
        ("sampling", "profile_points = 10000000000", "more than 10,000"),
        ("solver", "steps_per_ramp = 1000000000", "more than 1,000,000"),
        ("discovery", "population = 1000000000", "more than 100,000"),
        ("discovery", "seeds = 1000000000", "more than 1,000"),
        ("discovery", f"seed = {10**30}", "64 bits"),
        ("electrolyte", "relative_permittivity = 1e300", "more than 10,000"),
        ("electrolyte", 'temperature = "1e9 K"', "more than 2,000 K"),
        ("mesh", 'wall_spacing = "1e-9 nm"\ngrowth = 1.0', "unknowns, more than 5e+07"),
        ("circuit", f"layers = {list(range(2, 200))}", "more than 100"),
    ],
)
def test_numbers_that_would_never_end_are_refused_with_a_reason(section, line, reason):
    with pytest.raises(InputError) as refused:
        parse_case(f"[{section}]\n{line}\n")
    assert reason in str(refused.value)
    assert section in str(refused.value)


def test_long_protocols_are_refused():
    with pytest.raises(InputError, match="more than 1000: write what is repeated once"):
        parse_case('[drive]\nkind = "protocol"\nsteps = [' + '"Rest for 1 s",' * 1001 + "]")
    with pytest.raises(InputError, match=r"steps of 10000 legs and \[solver\] steps_per_ramp"):
        parse_case(
            '[drive]\nkind = "protocol"\nsteps = ["Hold at 1 V for 1 s", "Repeat 10000 times"]\n'
            "[solver]\nsteps_per_ramp = 2000\n"
        )


def test_many_steps_in_many_cycles_are_refused():
    with pytest.raises(InputError, match=r"steps or more, more than 1e\+07"):
        parse_case("[drive]\ncycles = 1000\n[solver]\nsteps_per_ramp = 100000\n")
