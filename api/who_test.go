package api_test

import (
	"strings"
	"testing"
	"time"

	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// named files somebody in the Emirates or in Qatar.
func (c caller) named(name, birth string, lon, lat float64) tracker.ID {
	r := at(name, lon, lat)
	r["person"] = object{"name": name, "birth_date": birth}
	return c.file(r).PersonId
}

// TestMergeAndUnmerge: two records become one person in every answer, and two again.
func TestMergeAndUnmerge(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleEmbassy, h.abuDhabi)
	a := c.named("Шыңғыс Үсенов", "1990-05-06", 54.4, 23.8)
	b := c.named("Chingiz Ussenov", "1990-05-06", 54.41, 23.81)
	c.want(201, "POST", "/api/v1/reports", object{"person_id": b.String(), "wellbeing": "needs_help", "note": "insulin"}, key())

	var found openapi.CandidateList
	c.want(200, "GET", "/api/v1/people/"+a.String()+"/matches", nil).into(t, &found)
	if len(found.Items) != 1 || found.Items[0].Person.Id != b || len(found.Items[0].Why) == 0 {
		t.Fatalf("suggested: %+v", found)
	}
	c.want(422, "POST", "/api/v1/people/"+a.String()+"/merge", object{"gone": b.String(), "reason": ""})
	c.want(409, "POST", "/api/v1/people/"+a.String()+"/merge", object{"gone": a.String(), "reason": "the same"})
	c.want(204, "POST", "/api/v1/people/"+a.String()+"/merge", object{"gone": b.String(), "reason": "rang them: one man"})
	var card openapi.PersonCard
	c.want(200, "GET", "/api/v1/people/"+b.String(), nil).into(t, &card)
	if card.Row.Id != a || card.Row.Wellbeing != "needs_help" || card.Merged == nil || (*card.Merged)[0].Id != b || len(card.Reports) != 3 {
		t.Errorf("the card of the merged record: %+v", card)
	}
	var list openapi.PersonList
	c.want(200, "POST", "/api/v1/people/search", object{"text": "Chingiz"}).into(t, &list)
	if list.Total.Records != 1 || list.Items[0].Id != a {
		t.Errorf("search finds %+v", list.Total)
	}
	c.want(409, "POST", "/api/v1/people/"+a.String()+"/merge", object{"gone": b.String(), "reason": "again"})
	// What is said about the one that is gone is about the person.
	c.want(201, "POST", "/api/v1/reports", object{"person_id": b.String(), "intention": "leaving"}, key())
	c.want(404, "POST", "/api/v1/people/"+a.String()+"/unmerge", object{"gone": tracker.NewID().String(), "reason": "x"})
	c.want(204, "POST", "/api/v1/people/"+a.String()+"/unmerge", object{"gone": b.String(), "reason": "brothers"})
	c.want(409, "POST", "/api/v1/people/"+b.String()+"/unmerge", object{"gone": b.String(), "reason": "again"})
	c.want(200, "GET", "/api/v1/people", nil).into(t, &list)
	if list.Total.Records != 2 {
		t.Errorf("%d records after un-merging", list.Total.Records)
	}
	for _, row := range list.Items {
		if want := map[tracker.ID]openapi.Intention{a: "unknown", b: "leaving"}[row.Id]; row.Intention != want {
			t.Errorf("%s: intention %s, want %s", row.Name, row.Intention, want)
		}
	}
}

// TestTwoHumansAreNotMerged: different IINs are different people.
func TestTwoHumansAreNotMerged(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleOperator, tracker.ID{})
	var ids []string
	for _, eleven := range []string{"90050630001", "85050540001"} {
		for d := '0'; d <= '9'; d++ { // the check digit that fits
			if iin := eleven + string(d); tracker.ValidIIN(iin) {
				ids = append(ids, c.file(object{"person": object{"name": "Asel", "iin": iin}, "wellbeing": "safe"}).PersonId.String())
			}
		}
	}
	a := c.want(409, "POST", "/api/v1/people/"+ids[0]+"/merge", object{"gone": ids[1], "reason": "the same name"})
	if a.code(t) != "two_humans" {
		t.Errorf("code %s", a.code(t))
	}
}

// TestWhoIsWhoStaysInScope: nobody is suggested, merged, ruled on or erased across
// missions.
func TestWhoIsWhoStaysInScope(t *testing.T) {
	h := newHarness(t)
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	mine := analyst.named("Айгүл Сәрсенова", "1988-01-02", 54.4, 23.8)
	theirs := analyst.named("Aigul Sarsenova", "1988-01-02", 51.2, 25.3)
	c := h.key(auth.RoleEmbassy, h.abuDhabi)
	for _, a := range []answer{
		c.want(200, "POST", "/api/v1/people/match", object{"name": "Aigul Sarsenova", "birth_date": "1988-01-02"}),
		c.want(200, "GET", "/api/v1/people/"+mine.String()+"/matches", nil),
	} {
		if strings.Contains(string(a.body), theirs.String()) {
			t.Errorf("suggests a stranger: %s", a.body)
		}
	}
	card := analyst.want(200, "GET", "/api/v1/people/"+theirs.String(), nil)
	var pc openapi.PersonCard
	card.into(t, &pc)
	for _, try := range []answer{
		c.do("GET", "/api/v1/people/"+theirs.String()+"/matches", nil),
		c.do("POST", "/api/v1/people/"+mine.String()+"/merge", object{"gone": theirs.String(), "reason": "x"}),
		c.do("POST", "/api/v1/people/"+theirs.String()+"/merge", object{"gone": mine.String(), "reason": "x"}),
		c.do("POST", "/api/v1/people/"+theirs.String()+"/unmerge", object{"gone": theirs.String(), "reason": "x"}),
		c.do("POST", "/api/v1/people/"+theirs.String()+"/erase", object{"reason": "x"}),
		c.do("POST", "/api/v1/reports/"+pc.Reports[0].Id.String()+"/rule", object{"person_id": theirs.String(), "trusted": false, "reason": "x"}),
	} {
		if try.StatusCode != 404 {
			t.Errorf("status %d: %s", try.StatusCode, try.body)
		}
	}
}

// TestEraseForgets: an erased person is nowhere, for nobody, and can't be filed with.
func TestEraseForgets(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleEmbassy, h.abuDhabi)
	id := c.named("Canary Nameovna", "1970-01-01", 54.4, 23.8)
	c.want(204, "POST", "/api/v1/people/"+id.String()+"/erase", object{"reason": "asked for it by phone"})
	c.want(404, "GET", "/api/v1/people/"+id.String(), nil)
	c.want(404, "POST", "/api/v1/reports", object{"person_id": id.String(), "wellbeing": "safe"}, key())
	var list openapi.PersonList
	c.want(200, "POST", "/api/v1/people/search", object{"text": "Canary"}).into(t, &list)
	if list.Total.Records != 0 {
		t.Errorf("%d found", list.Total.Records)
	}
}

// TestRuleMovesAPlace: a doubted place stands beside, a trusted one stands.
func TestRuleMovesAPlace(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleEmbassy, h.abuDhabi)
	id := c.named("Serik", "1970-01-01", 54.4, 23.8)
	var card openapi.PersonCard
	c.want(200, "GET", "/api/v1/people/"+id.String(), nil).into(t, &card)
	path := "/api/v1/reports/" + card.Reports[0].Id.String() + "/rule"
	c.want(204, "POST", path, object{"person_id": id.String(), "trusted": false, "reason": "was in Almaty"})
	card = openapi.PersonCard{}
	c.want(200, "GET", "/api/v1/people/"+id.String(), nil).into(t, &card)
	if card.Row.Position != nil || card.Flagged == nil || card.Reports[0].Ruling == nil || !card.Reports[0].Ruling.ByStaff {
		t.Errorf("doubted: %+v, beside %+v", card.Row.Position, card.Flagged)
	}
	c.want(204, "POST", path, object{"person_id": id.String(), "trusted": true, "reason": "no, he is there"})
	card = openapi.PersonCard{}
	c.want(200, "GET", "/api/v1/people/"+id.String(), nil).into(t, &card)
	if card.Row.Position == nil || card.Flagged != nil {
		t.Errorf("trusted: %+v, beside %+v", card.Row.Position, card.Flagged)
	}
}

// TestCallerAndWishesAreKept: who called, whom we may tell and the medicine are on
// the card, and bad ones are refused at their place.
func TestCallerAndWishesAreKept(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleOperator, tracker.ID{})
	rec := c.file(object{
		"person": object{"name": "Nurlan"}, "wellbeing": "safe", "medicine_days": 0, "tell": "named", "tell_names": "his sister",
		"caller": object{"name": "Madina", "phone": "8 701 234 56 78", "relation": "sister"}, "fixed_at": "2026-03-01T10:00:00Z",
	})
	var card openapi.PersonCard
	c.want(200, "GET", "/api/v1/people/"+rec.PersonId.String(), nil).into(t, &card)
	r := card.Reports[0]
	if r.MedicineDays == nil || *r.MedicineDays != 0 || r.Tell == nil || *r.Tell != "named" || *r.TellNames != "his sister" ||
		r.Caller == nil || *r.Caller.Phone != "+77012345678" || *r.Caller.Relation != "sister" {
		t.Errorf("report %+v", r)
	}
	for _, bad := range []object{
		{"wellbeing": "safe", "medicine_days": -1},
		{"wellbeing": "safe", "medicine_days": 400},
		{"wellbeing": "safe", "tell": "named"},
		{"wellbeing": "safe", "tell_names": "x"},
		{"wellbeing": "safe", "caller": object{}},
		{"wellbeing": "safe", "caller": object{"phone": "12"}},
		{"wellbeing": "safe", "caller": object{"age": "12"}},
	} {
		if a := c.do("POST", "/api/v1/reports", bad, key()); a.StatusCode != 422 && a.StatusCode != 400 {
			t.Errorf("%v: status %d %s", bad, a.StatusCode, a.body)
		}
	}
}

// TestHeldElsewhereLooksLikeNew: who registers somebody whom another mission holds
// gets an answer like anybody's, once and again, and what they said is kept.
func TestHeldElsewhereLooksLikeNew(t *testing.T) {
	h := newHarness(t)
	doha := h.key(auth.RoleEmbassy, h.doha)
	r := at("Held", 51.2, 25.3)
	r["person"] = object{"name": "Held in Doha", "passport": "N7654321"}
	held := doha.file(r).PersonId
	for _, c := range []caller{h.key(auth.RolePartner, tracker.ID{}), h.key(auth.RoleEmbassy, h.abuDhabi)} {
		for _, in := range []object{
			{"name": "Held in Doha", "passport": "N7654321", "phones": []string{"+77010000009"}},
			{"passport": "N7654321"},
		} {
			var known, fresh openapi.Receipt
			k := key()
			first := c.want(201, "POST", "/api/v1/people", in, k)
			first.into(t, &known)
			if again := c.want(201, "POST", "/api/v1/people", in, k); string(again.body) != string(first.body) {
				t.Errorf("a retry is answered %s, first %s", again.body, first.body)
			}
			c.want(201, "POST", "/api/v1/people", object{"name": "Somebody new"}, key()).into(t, &fresh)
			if (known.ReportId == nil) != (fresh.ReportId == nil) || len(known.Code) != len(fresh.Code) || known.PersonId == held {
				t.Errorf("held: %+v, new: %+v", known, fresh)
			}
		}
	}
	var card openapi.PersonCard
	doha.want(200, "GET", "/api/v1/people/"+held.String(), nil).into(t, &card)
	found := false
	for _, r := range card.Reports {
		found = found || r.Phone != nil && *r.Phone == "+77010000009"
	}
	if !found {
		t.Error("what was said of somebody held is lost")
	}
}

// TestLocalStaffHandOutNoLinks: no export and no secrets of others.
func TestLocalStaffHandOutNoLinks(t *testing.T) {
	h := newHarness(t)
	c := h.key(auth.RoleLocalStaff, h.abuDhabi)
	id := c.named("Asel", "1990-01-01", 54.4, 23.8).String()
	until := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	c.want(403, "POST", "/api/v1/links/batch", object{"person_ids": []string{id}, "expires_at": until})
	c.want(403, "POST", "/api/v1/links", object{"kind": "personal", "person_id": id, "expires_at": until})
	h.key(auth.RoleOperator, tracker.ID{}).want(403, "POST", "/api/v1/links/batch", object{"person_ids": []string{id}, "expires_at": until})
}
