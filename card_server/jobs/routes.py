"""Requests about jobs and what answers them."""

from __future__ import annotations

from typing import Final

from card_server.http.routes import Route, edit, question
from card_server.jobs import schedules, service
from shared.wire import jobs as wire

ROUTES: Final[tuple[Route, ...]] = (
    question(wire.GetRun, service.get_run),
    question(wire.MyRuns, service.my_runs),
    question(wire.ListRuns, service.list_runs),
    question(wire.ListRunErrors, service.list_run_errors),
    edit(wire.CancelRun, service.cancel_run),
    edit(wire.ResumeRun, service.resume_run),
    edit(wire.StartJob, service.start_job),
    question(wire.ListJobs, schedules.list_jobs),
    edit(wire.EditJob, schedules.edit_job, present=schedules.present_job),
)
