"""`ionspice mesh`: the mesh of a case."""

from ionspice.pipeline.cli.app import CaseFile, Output, app
from ionspice.pipeline.cli.folder import run_case_file


@app.command()
def mesh(case: CaseFile, output: Output) -> None:
    """Write mesh.msh (gmsh 4.1 with named physical groups)."""
    run_case_file(case, output, stages=["mesh"], always=["mesh"])
