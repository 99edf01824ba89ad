"""For the people in charge: what waits for a decision, the people and topics, and what was done by whom."""

from fastapi import APIRouter

from app.admin import (
    answers,
    audit,
    budget,
    connections,
    deliveries,
    employees,
    hooks,
    overview,
    posts,
    questions,
    review,
    texts,
)
from app.admin.board import bulk, marks, waiting
from app.admin.coverage import duty_page
from app.admin.departments import directory_pages, driver_pages, given_pages
from app.admin.figures import goals, scores
from app.admin.figures import page as figures
from app.admin.first_run import brand_settings, checklist, people_list, topic_list, trial_question
from app.admin.house_rules import rules_page
from app.admin.people import join_requests, people_bulk, staff_list
from app.admin.taking_back import challenges, correction, many, retraction
from app.admin.topics import asking, missing, reorganising, topic_pages
from app.admin.voice import (
    announcement_correction,
    announcement_month,
    announcements,
    campaigns,
    department_answers,
    helpful,
    matters,
    statements,
    words,
)

router = APIRouter()
for room in (
    overview,
    checklist,
    brand_settings,
    topic_list,
    people_list,
    trial_question,
    waiting,
    bulk,
    marks,
    questions,
    matters,
    statements,
    department_answers,
    campaigns,
    helpful,
    answers,
    retraction,
    correction,
    challenges,
    many,
    posts,
    deliveries,
    budget,
    connections,
    review,
    announcement_month,  # before those that are named by a number
    announcements,
    announcement_correction,
    staff_list,
    people_bulk,
    join_requests,
    employees,
    duty_page,
    directory_pages,
    driver_pages,
    given_pages,
    figures,
    goals,
    missing,
    topic_pages,
    reorganising,
    asking,
    scores,
    words,
    texts,
    hooks,
    rules_page,
    audit,
):
    router.include_router(room.router)
