def test_life(year):
    from tests.staff.people import submit, logged_in
    from tracker import workflow
    from tracker import publishing
    a = year.action
    s = submit(a, year.cast.clerk)
    workflow.approve(s.pk, by=year.cast.planner, version=s.version)
    d = publishing.draft(year.round)
    assert len(d.entries) == 207, (len(d.entries), len(d.left_out))
    assert len(d.carried) == 206
    assert year.cast.clerk
    for u in vars(year.cast).values():
        r = logged_in(u).get("/staff/")
        assert r.status_code == 200
