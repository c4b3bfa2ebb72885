"""The claims of the reference study, A-N: what it says, what decides on it, and the words around our numbers.

Templates are filled with the words of the criterion and with the thresholds by name.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ionspice.pipeline.study import criteria, criteria_circuit
from ionspice.pipeline.study.conditions import AXES
from ionspice.pipeline.study.criteria import Assessment, Thresholds
from ionspice.pipeline.study.measures import Numbers

_ALL = tuple(axis.name for axis in AXES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a claim is judged and told."""

    letter: str
    statement: str  #: what the study says, in short
    assess: Callable[[Numbers, Thresholds], Assessment]
    unit: str  #: of our number, in words where it is a share
    condition: str  #: template: where it was tested, and on what it depends
    detail: str  #: template: one or two sentences with the numbers
    axes: tuple[str, ...] = ()  #: whose cases it uses, beside the default one


_RULES = (
    Rule(
        letter="A",
        statement="In open electrolyte migration of net ions opposes diffusion and steric flux in the whole cycle.",
        assess=criteria.open_electrolyte,
        unit="share of the cycle, default case",
        condition="plane half a slit width in front of the first sheet; {where}",
        detail="At the default it opposes diffusion during {diffusion:.1%} and the steric flux during {steric:.1%} "
        "of the cycle; the least over d is {least:.1%}.",
        axes=("slit",),
    ),
    Rule(
        letter="B",
        statement="In slits diffusion and migration point the same way during the whole cycle, for d = 1.5 to 5 nm.",
        assess=criteria.slit_directions,
        unit="least share of the cycle over slits and d",
        condition="flux along the middle of every slit; the gap at the mouth, in the outer double layer, is no slit",
        detail="At least {slits:.1%} of the cycle in slits and {gaps:.1%} in inner gaps over all d; the rest is the "
        "reversal of the drive. In the first gap it is {least_mouth:.1%} to {most_mouth:.1%}.",
        axes=("slit",),
    ),
    Rule(
        letter="C",
        statement="The steric flux in slits follows migration for d < 2 nm and opposes it in larger slits.",
        assess=criteria.steric_direction,
        unit="least share of the cycle in which it follows, over slits and d",
        condition="follows in all slits at every d; it opposes migration, on the mean of charging, only in the gap "
        "at the mouth ({mouth}) and in the closed last slit ({closed})",
        detail="It follows during at least {least:.1%} of the cycle at every d. It carries {span} of the charge that "
        "migration carries in slits wider than 2 nm, at least {inner:.3f} in inner gaps at all conditions. In local "
        "equilibrium the ions add up to 2 c0 cosh u/(1 + 2 nu sinh²(u/2)), which grows with |u| for any packing "
        "fraction nu < 1: the steric flux then follows at any d.",
        axes=_ALL,
    ),
    Rule(
        letter="D",
        statement="More counter-ions in slit i than in slit i + 1 means a lower potential in slit i.",
        assess=criteria.slit_order,
        unit="least share of the cycle over pairs of open slits and d",
        condition="electric potential in the middle of the slits, d = 1.5 to 5 nm; holds among slits of equal walls, "
        "not for the last slit, whose closed sheet has more surface",
        detail="The fuller slit has the lower potential during {inner:.1%} of the cycle at the default and at least "
        "{least_inner:.1%} at all d, with the last slit during {last:.1%} and at least {least_last:.1%}.",
        axes=("slit",),
    ),
    Rule(
        letter="E",
        statement="The potential difference over an element against its current is no constant resistance; the "
        "integrals of both are monotone.",
        assess=criteria.resistance_ratio,
        unit="max/min of the ratio while charging, inner elements",
        condition="default case, inner elements, either node potential",
        detail="The ratio varies by a factor of {factor:.3g} (electrochemical) and {electric:.3g} (electric); the "
        "integrals are {monotone}.",
    ),
    Rule(
        letter="F",
        statement="Discovery returns R = Rc (1 - gamma Q/Qmax), valid when d, c0, a, D, eps_r and L change.",
        assess=criteria.form_of_law,
        unit="least R² of the study's form over all conditions",
        condition="another form is better than twofold in held-out error at {beaten}; the study's form has R² below "
        "{fits} at {poor}",
        detail="Found at the default: {resistance}. This form is the discovered one at {linear} of {count} "
        "conditions; its R² is lowest at {lowest}, {r_squared:.5f}.",
        axes=_ALL,
    ),
    Rule(
        letter="G",
        statement="R_max is nearly independent of d and R_min grows with d; R_max stands at the start of charging, "
        "R_min at the start of discharging.",
        assess=criteria.extremes,
        unit="change of R_max from the smallest to the largest d",
        condition="{parts}",
        detail="From d = {d_first:.3g} to {d_last:.3g} nm R_max goes from {largest_first:.4f} to {largest_last:.4f} "
        "ohm m and R_min from {smallest_first:.4f} to {smallest_last:.4f} ohm m (electrochemical), R_max from "
        "{electric_first:.4f} to {electric_last:.4f} ohm m (electric). At the default the ratio is largest at "
        "{start:.2f} and smallest at {turn:.2f} half cycles.",
        axes=("slit",),
    ),
    Rule(
        letter="H",
        statement="After charging the ions in the middle of the slit are up by 21 % at d = 1.5 nm and nearly "
        "unchanged at 5 nm; the trans-slit current runs mainly along the electrode surface.",
        assess=criteria.profiles,
        unit="rise of all ions in the middle of slit 1 over the bulk, default case",
        condition="the rise fits for all ions together, not for net ions or counter-ions; the surface layer carries "
        "most of the current only where it fills much of the slit",
        detail="All ions: {total_first:+.1%} at {d_first:.3g} nm, {total_last:+.1%} at {d_last:.3g} nm. Net ions "
        "over all ions of the bulk: {net_first:+.1%} and {net_last:+.1%}. Layers of {surface:.3f} nm at both walls "
        "carry {share_first:.0%} of the current at {d_first:.3g} nm ({width_first:.0%} of the width) and "
        "{share_last:.0%} at {d_last:.3g} nm ({width_last:.0%} of the width).",
        axes=("slit",),
    ),
    Rule(
        letter="I",
        statement="gamma grows with smaller a, larger window, smaller d, lower c0 and smaller eps_r, hardly with D "
        "and L; Rc grows with lower D, lower c0 and larger sheets; smaller a lowers Rc and Rd.",
        assess=criteria.trends,
        unit="elasticity of gamma in eps_r",
        condition="{held} of {count} trends hold; not {failed}",
        detail="Elasticities (electrochemical / electric): {slopes}. gamma grows with eps_r under both readings; per "
        "charge, gamma/Qmax, it is {at_charge:+.2f} / {electric_at_charge:+.2f}.",
        axes=_ALL,
    ),
    Rule(
        letter="J",
        statement="The slit capacitance is constant during charging for d > 1 nm.",
        assess=criteria.capacitance,
        unit="largest spread of q/(phi_m - v) over its mean, over slits and d",
        condition="constant means within {nearly:.0%}; d = {d_first:.3g} to {d_last:.3g} nm at the default window",
        detail="Spread {least:.1%} to {most:.1%} over d with the electrochemical node potential, "
        "{least_electric:.1%} to {most_electric:.1%} with the electric one; over the window {windows}.",
        axes=("slit", "window"),
    ),
    Rule(
        letter="K",
        statement="The voltammograms of NCM and mPNP agree for 6 layers and d = 1.5 nm.",
        assess=criteria_circuit.agreement,
        unit="rms deviation over the peak, electrochemical potential",
        condition="agreement means at most {agree:.0%} of the peak; the slit capacitance has to depend on voltage: "
        "with constant capacitance and electric potentials, as in the study, it is {electric_constant}",
        detail="NCM {ncm}, with the local charge {local}, TLM {tlm}, TLM of the mean resistance {mean}; NCM with "
        "electric potentials {electric}; best {best}.{far}",
        axes=("layers",),
    ),
    Rule(
        letter="L",
        statement="The NCM's voltammogram of 20 layers is asymmetric between charge and discharge, more so with "
        "layers and rate; no TLM can show it; the NCM's loop is larger and it stores more ions inside.",
        assess=criteria_circuit.loops,
        unit="asymmetry of the periodic loop, NCM of 20 layers, default rate",
        condition="periodic loops, constant capacitances; {parts}",
        detail="Asymmetry of the NCM {ncm}; with the local charge {local}; TLM at most {straight:.2%}. At 20 layers "
        "the NCM's loop is {area:+.1%} and its deepest slit's charge {charge:+.1%} against the TLM's.{field}",
        axes=("layers",),
    ),
    Rule(
        letter="M",
        statement="Current peaks appear without redox when gamma and Rc are large.",
        assess=criteria_circuit.current_peaks,
        unit="largest fall of the current behind its peak, of the peak",
        condition="{layers} layers, constant capacitances; peaks {where}; in the field model they come from the "
        "crowding that lowers the capacitance",
        detail="Fall behind the peak at gamma = 1: {at_one}; none at gamma = 0. With the field's capacitances q(v): "
        "NCM {ncm:.1%}, TLM {tlm:.1%}. Field model: {field}.",
        axes=("window",),
    ),
    Rule(
        letter="N",
        statement="An NCM of 20 layers takes seconds, mPNP of 20 layers weeks.",
        assess=criteria_circuit.cost,
        unit="s of the field model for 20 layers, one cycle",
        condition="the circuit in seconds: yes; the field model needs no weeks with a fully coupled implicit solver",
        detail="NCM of 20 layers {circuit:.2f} s, field model of 20 layers {field:.1f} s with {unknowns} unknowns on "
        "{ranks} rank(s): a factor {factor:.0f}.",
        axes=("layers",),
    ),
)
#: by letter, in their order
RULES = {rule.letter: rule for rule in _RULES}
