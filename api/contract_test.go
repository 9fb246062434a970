package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"aman/api/auth"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// TestContract does everything that the contract offers, and checks at the end
// that every operation was answered well at least once. The harness holds each
// answer against the contract's schemas.
func TestContract(t *testing.T) {
	h := newHarness(t)
	analyst, second := h.key(auth.RoleAnalyst, h.abuDhabi), h.key(auth.RoleAnalyst, h.abuDhabi)
	browser := h.signIn("officer", auth.RoleAnalyst, tracker.ID{})
	browser.want(200, "GET", "/api/v1/me", nil)
	browser.want(204, "POST", "/api/v1/logout", nil)
	browser.want(401, "GET", "/api/v1/me", nil)

	var me openapi.Me
	h.key(auth.RoleEmbassy, h.abuDhabi).want(200, "GET", "/api/v1/me", nil).into(t, &me)
	if me.Mission == nil || me.Mission.Code != "AE-AUH" {
		t.Errorf("the embassy's mission: %+v", me.Mission)
	}
	analyst.want(200, "GET", "/api/v1/crises", nil)
	analyst.want(200, "GET", "/api/v1/missions", nil)
	analyst.want(404, "GET", "/api/v1/people?crisis=no-such", nil)
	var places struct{ Items []openapi.FoundPlace }
	analyst.want(200, "POST", "/api/v1/places", object{"text": "DXB"}).into(t, &places)
	if len(places.Items) == 0 || places.Items[0].Kind != "airport" {
		t.Errorf("places for DXB: %+v", places.Items)
	}

	zone(t, h, analyst, second)

	// People and reports.
	in := object{
		"name": "Дәурен Өтеғұлов", "latin": "DAUREN OTEGULOV", "birth_date": "1990-01-01", "sex": "male", "phones": []string{"8 701 234 56 78"},
		"passport": "N12345678", "passport_expiry": "2031-05-05", "category": "citizen", "stay": "resident", "persons": 2,
		"needs": []string{"medicine"}, "country": "AE", "tour_code": "T-1", "note": "allergic", "handles": []string{"@dauren"},
	}
	a := analyst.want(201, "POST", "/api/v1/people", in, key())
	person := strings.TrimPrefix(a.Header.Get("Location"), "/api/v1/people/")
	a = analyst.want(200, "GET", "/api/v1/people/"+person, nil)
	var card openapi.PersonCard
	a.into(t, &card)
	if (*card.Details.Phones)[0] != "+77012345678" || *card.Details.Name != in["name"] {
		t.Errorf("card: %s", a.body)
	}
	analyst.want(428, "PATCH", "/api/v1/people/"+person, object{"note": "x"})
	analyst.want(422, "PATCH", "/api/v1/people/"+person, object{}, header{"If-Match", a.Header.Get("ETag")})
	b := analyst.want(200, "PATCH", "/api/v1/people/"+person, object{"name": "Дәурен"}, header{"If-Match", a.Header.Get("ETag")})
	b.into(t, &card)
	if *card.Details.Name != "Дәурен" || *card.Details.Passport != "N12345678" {
		t.Errorf("edited card: %s", b.body)
	}
	analyst.want(412, "PATCH", "/api/v1/people/"+person, object{"name": "late"}, header{"If-Match", a.Header.Get("ETag")})
	analyst.want(204, "POST", "/api/v1/people/"+person+"/assign", object{"mission": h.doha.String(), "reason": "moved"})
	var found openapi.PersonList
	for _, text := range []string{"дәурен", "otegulov", "701 234 56 78"} {
		analyst.want(200, "POST", "/api/v1/people/search", object{"text": text}).into(t, &found)
		if found.Total.Records != 1 {
			t.Errorf("search %q finds %d", text, found.Total.Records)
		}
	}
	var lookup openapi.Lookup
	analyst.want(200, "POST", "/api/v1/people/lookup", object{"kind": "passport", "value": "N12345678", "reason": "call"}).into(t, &lookup)
	if !lookup.Held || lookup.PersonId == nil || lookup.PersonId.String() != person {
		t.Errorf("look-up: %+v", lookup)
	}
	whoIsWho(analyst, h.key(auth.RoleAdmin, tracker.ID{}))
	r := analyst.file(object{
		"person_id": person, "airport": "DOH", "wellbeing": "needs_help", "intention": "wants_out", "contact": "reached",
		"needs": []string{"evacuation"}, "note": "waits at gate 5", "phone": "+97412345678", "address": "Hall 1", "reason": "call",
		"fixed_at": time.Now().Add(-time.Minute).UTC().Format(time.RFC3339Nano),
	})
	analyst.want(200, "GET", "/api/v1/people/"+person, nil)
	analyst.want(200, "PUT", "/api/v1/airports/DOH/state", object{"status": "closed", "reason": "airspace"})
	analyst.want(404, "PUT", "/api/v1/airports/QQQ/state", object{"status": "closed", "reason": "airspace"})
	var airport openapi.Airport
	analyst.want(200, "GET", "/api/v1/airports/OTHH", nil).into(t, &airport)
	if airport.Code != "DOH" || airport.Status != "closed" || airport.People.Persons != 2 {
		t.Errorf("airport: %+v", airport)
	}
	analyst.want(200, "GET", "/api/v1/airports?bbox=50,24,52,26&country=QA", nil)
	var list openapi.PersonList
	analyst.want(200, "GET", "/api/v1/airports/DOH/people?stranded=true", nil).into(t, &list)
	if list.Total.Persons != 2 {
		t.Errorf("stranded at DOH: %+v", list.Total)
	}
	analyst.want(204, "POST", "/api/v1/reports/"+r.ReportId.String()+"/retract", object{"person_id": person, "reason": "wrong person"})
	analyst.want(409, "POST", "/api/v1/reports/"+r.ReportId.String()+"/retract", object{"person_id": person, "reason": "again"})
	a = analyst.want(200, "POST", "/api/v1/reports/batch", `{"wellbeing":"safe","city":{"name":"Doha","country":"QA"}}`+"\n\nnot json\n"+`{"person_id":"`+tracker.NewID().String()+`","note":"x"}`+"\r\n",
		key(), header{"Content-Type", "application/x-ndjson"})
	var batch openapi.BatchResult
	a.into(t, &batch)
	if batch.Stored != 1 || batch.Refused != 2 || batch.Results[0].Line != 1 || batch.Results[1].Line != 3 || batch.Results[2].Line != 4 {
		t.Errorf("batch: %s", a.body)
	}

	// The picture.
	analyst.want(200, "POST", "/api/v1/at", object{"lon": 55.3, "lat": 25.2, "radius_m": 100})
	analyst.match(`{"id":"a","lon":55.3,"lat":25.2,"radius_m":100}`)
	for _, by := range []string{"country", "zone", "level", "airport", "mission", "freshness", "wellbeing", "intention", "contact", "verdict"} {
		analyst.want(200, "GET", "/api/v1/counts?by="+by, nil)
	}
	analyst.want(400, "GET", "/api/v1/counts", nil)
	analyst.want(200, "GET", "/api/v1/cells?zoom=3&bbox=170,-90,-170,90", nil)
	analyst.want(200, "GET", "/api/v1/people?verdict=inside,possible,outside&freshness=fresh&wellbeing=safe,unknown&intention=unknown&contact=untried&level=0,1,2,3,4&stay=unknown,resident&stranded=false&placed=true&bbox=-180,-90,180,90&limit=1", nil)
	for _, format := range []string{"csv", "geojson"} {
		analyst.want(200, "GET", "/api/v1/people/export?format="+format, nil)
	}
	h.eventually("an event", func() bool {
		var es openapi.EventList
		analyst.want(200, "GET", "/api/v1/events", nil).into(t, &es)
		return len(es.Items) > 0
	})
	s := analyst.stream("")
	s.next("picture")
	s.close()
	h.note("streamEvents", 200)

	// Links.
	var link, campaign openapi.NewLink
	expires := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	analyst.want(201, "POST", "/api/v1/links", object{"kind": "personal", "person_id": person, "expires_at": expires}).into(t, &link)
	if !strings.Contains(link.Url, "/s/"+link.Link.Code+"#") {
		t.Errorf("link: %+v", link)
	}
	analyst.want(201, "POST", "/api/v1/links", object{"kind": "campaign", "airport": "DOH", "label": "hall", "expires_at": expires})
	analyst.want(422, "POST", "/api/v1/links", object{"kind": "personal", "expires_at": expires})
	analyst.want(201, "POST", "/api/v1/links/batch", object{"person_ids": []any{person}, "expires_at": expires})
	analyst.want(409, "GET", "/api/v1/links/"+link.Link.Id.String()+"/poster", nil)
	analyst.want(201, "POST", "/api/v1/links", object{"kind": "campaign", "country": "QA", "expires_at": expires}).into(t, &campaign)
	analyst.want(200, "GET", "/api/v1/links/"+campaign.Link.Id.String()+"/poster", nil)
	analyst.want(404, "POST", "/api/v1/links", object{"kind": "personal", "person_id": tracker.NewID().String(), "expires_at": expires})
	analyst.want(204, "POST", "/api/v1/links/"+link.Link.Id.String()+"/revoke", nil)
	analyst.want(200, "GET", "/api/v1/links", nil)
	desk(h, h.key(auth.RoleAdmin, tracker.ID{}))
	lists(analyst)
	h.note("linkPage", 200) // the citizen's pages have their own tests
	for _, op := range []string{
		"linkReport", "linkMap", "linkData", "linkAsk", "linkRead", "linkDevicePage", "linkDevice", "listDevices", "endDevices", "smsDeliver", "ownTracks", "osmAndQuery", "osmAnd",
		"telegramUpdate", "whatsAppVerify", "whatsAppEvents", "sendMessage", "listMessages", "announce",
	} {
		h.note(op, 200)
	}

	doc, err := spec()
	must(t, err)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			good := 0
			for status, n := range h.seen[op.OperationID] {
				if status < 400 {
					good += n
				}
			}
			if good == 0 {
				t.Errorf("%s %s (%s) was never answered well", method, path, op.OperationID)
			}
		}
	}
}

// zone walks a zone through its life.
func zone(t *testing.T, h *harness, analyst, second caller) {
	t.Helper()
	in := zoneInput(4, 55.3, 25.2, 0.2)
	analyst.want(200, "POST", "/api/v1/zones/preview", in)
	a := analyst.want(201, "POST", "/api/v1/zones", in)
	path := a.Header.Get("Location")
	analyst.want(428, "POST", path+"/publish", nil)
	analyst.want(400, "POST", path+"/publish", nil, header{"If-Match", "1"})
	a = analyst.want(200, "POST", path+"/publish", nil, header{"If-Match", a.Header.Get("ETag")})
	var z openapi.Zone
	a.into(t, &z)
	if *z.Confirmation != "waiting" {
		t.Errorf("a level 4 by one person: %s", a.body)
	}
	analyst.want(409, "POST", path+"/publish", nil, header{"If-Match", a.Header.Get("ETag")})
	a = second.want(200, "POST", path+"/publish", nil, header{"If-Match", a.Header.Get("ETag")})
	// A smaller one needs a second person.
	a = analyst.want(200, "PUT", path, zoneInput(4, 55.3, 25.2, 0.1), header{"If-Match", a.Header.Get("ETag")})
	analyst.want(412, "PUT", path, in, header{"If-Match", `"1"`})
	analyst.want(200, "POST", path+"/preview", nil)
	a = analyst.want(200, "POST", path+"/discard", nil, header{"If-Match", a.Header.Get("ETag")})
	a = analyst.want(200, "PUT", path, zoneInput(4, 55.3, 25.2, 0.1), header{"If-Match", a.Header.Get("ETag")})
	a = analyst.want(202, "POST", path+"/publish", nil, header{"If-Match", a.Header.Get("ETag")})
	a = second.want(200, "POST", path+"/publish", nil, header{"If-Match", a.Header.Get("ETag")})
	analyst.want(200, "GET", path+"/versions", nil)
	analyst.want(200, "GET", path+"/people", nil)
	analyst.want(200, "GET", path+"/airports", nil)
	analyst.want(200, "GET", path+"/counts", nil)
	analyst.want(200, "GET", "/api/v1/zones?state=active,draft&geometry=false", nil)
	country := zoneInput(2, 0, 0, 1, object{"country": "AE"})
	delete(country, "geometry")
	analyst.activeZone(country)
	a = analyst.want(200, "GET", path, nil)
	a = analyst.want(202, "POST", path+"/withdraw", object{"reason": "over"}, header{"If-Match", a.Header.Get("ETag")})
	second.want(200, "POST", path+"/withdraw", object{"reason": "over"}, header{"If-Match", a.Header.Get("ETag")})
	analyst.want(404, "GET", "/api/v1/zones/"+tracker.NewID().String(), nil)
	analyst.want(http.StatusOK, "GET", "/api/v1/zones?state=withdrawn", nil)
}

// whoIsWho walks what is done about records of one human.
func whoIsWho(analyst, admin caller) {
	t := analyst.h.t
	a, b := analyst.named("Болат Ахметов", "1990-02-03", 54.4, 23.8), analyst.named("Akhmetov Bolat", "1990-02-03", 54.4, 23.8)
	analyst.want(200, "POST", "/api/v1/people/match", object{"name": "Bolat Akhmetov", "birth_date": "1990-02-03"})
	analyst.want(200, "GET", "/api/v1/people/"+a.String()+"/matches", nil)
	analyst.want(204, "POST", "/api/v1/people/"+a.String()+"/merge", object{"gone": b.String(), "reason": "one man"})
	analyst.want(204, "POST", "/api/v1/people/"+a.String()+"/unmerge", object{"gone": b.String(), "reason": "two men"})
	var card openapi.PersonCard
	analyst.want(200, "GET", "/api/v1/people/"+a.String(), nil).into(t, &card)
	analyst.want(204, "POST", "/api/v1/reports/"+card.Reports[0].Id.String()+"/rule", object{"person_id": a.String(), "trusted": false, "reason": "abroad"})
	for _, id := range []tracker.ID{a, b} {
		admin.want(204, "POST", "/api/v1/people/"+id.String()+"/erase", object{"reason": "asked for it"})
	}
}
