package intake

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"aman/geo/tracker"
)

func positionOf(lon, lat, radiusM float64, m tracker.Method) *tracker.Position {
	return &tracker.Position{Point: orb.Point{lon, lat}, RadiusM: radiusM, Method: m}
}

// Oracle: core.telegram.org/bots/api read by hand, and the handbook's radii: 68 % of a
// phone's accuracy times 1.62, 100 m for a live fix without one, a kilometre for what
// was picked on the map. The payloads cover every update that we ask for.
func TestDecodeTelegram(t *testing.T) {
	private := Inbound{
		Channel: tracker.ChannelTelegram, Thread: "501234567", Lang: "ru", Name: "Айгүл Өмірбек", Handle: "telegram:@aigul_o", FixedAt: noon,
	}
	group := Inbound{Channel: tracker.ChannelTelegram, Thread: "-1001987654321", Group: true, Lang: "ru", FixedAt: noon}
	for name, want := range map[string]struct {
		id     string
		of     Inbound
		change func(*Inbound)
	}{
		"start": {"880000001", private, func(in *Inbound) { in.Text = "/start" }},
		"start_link": {"880000002", private, func(in *Inbound) {
			in.Text = "/start K7M2QX4TBN_3q2-7wAAbCdEfGhIjKlMnOpQrStUvWxYz0123456789_x"
			in.Start = "K7M2QX4TBN_3q2-7wAAbCdEfGhIjKlMnOpQrStUvWxYz0123456789_x"
		}},
		"text": {"880000003", private, func(in *Inbound) {
			in.Text = "Мы в Дубае, отель у метро.\nС нами двое детей"
		}},
		"location_gps": {"880000004", private, func(in *Inbound) { in.Position = positionOf(55.274376, 25.197197, 35*1.62, tracker.GNSS) }},
		"location_pin": {"880000005", private, func(in *Inbound) { in.Position = positionOf(55.3, 25.2, 1000, tracker.Pin) }},
		"live_start":   {"880000006", private, func(in *Inbound) { in.Position = positionOf(55.274376, 25.197197, 12*1.62, tracker.GNSS) }},
		"live_edit": {"880000007", private, func(in *Inbound) {
			in.Edited, in.Quiet, in.FixedAt = true, true, noon.Add(time.Minute)
			in.Position = positionOf(55.28, 25.198, 200*1.62, tracker.Network)
		}},
		"live_stop": {"880000008", private, func(in *Inbound) {
			in.Edited, in.Quiet, in.FixedAt = true, true, noon.Add(time.Hour)
			in.Position = positionOf(55.29, 25.199, 100, tracker.GNSS)
		}},
		"venue": {"880000009", private, func(in *Inbound) {
			in.Place, in.Position = "DXB Terminal 1, Airport Rd", positionOf(55.3644, 25.2528, 1000, tracker.Pin)
		}},
		"contact_own":   {"880000010", private, func(in *Inbound) { in.Phone = "+77012345678" }},
		"contact_other": {"880000011", private, func(in *Inbound) { in.Aside, in.Text = true, "☎ Марат +971501112233" }},
		"forwarded_location": {"880000012", private, func(in *Inbound) {
			in.Aside, in.Flags, in.Text = true, tracker.FlagLowTrust, "↪ 26.22350, 50.58760"
		}},
		"forwarded_text": {"880000013", private, func(in *Inbound) {
			in.Aside, in.Flags, in.Text = true, tracker.FlagLowTrust, "↪ Мы в безопасности"
		}},
		"photo_caption": {"880000014", private, func(in *Inbound) { in.Odd, in.Text = true, "Паспорт украли" }},
		"voice":         {"880000015", private, func(in *Inbound) { in.Odd = true }},
		"sticker":       {"880000016", private, func(*Inbound) {}},
		"text_edited": {"880000017", private, func(in *Inbound) {
			in.Edited, in.FixedAt, in.Text = true, noon.Add(2*time.Minute), "Мы в Дубае, отель у метро Юнион"
		}},
		"button": {"880000018", private, func(in *Inbound) {
			in.FixedAt, in.Choice, in.Answer = time.Time{}, "status:safe", "4382bfdwdsb323b2d9"
		}},
		"button_old": {"880000019", private, func(in *Inbound) {
			in.FixedAt, in.Choice, in.Answer = time.Time{}, "persons:3", "4382bfdwdsb323b2da"
		}},
		"blocked":         {"880000020", private, func(in *Inbound) { in.Gone = true }},
		"group_added":     {"880000021", group, func(in *Inbound) { in.Back = true }},
		"group_bind":      {"880000022", group, func(in *Inbound) { in.Text = "/aman@aman_test_bot K7M2QX4TBN" }},
		"group_location":  {"880000023", group, func(in *Inbound) { in.Choice = ChoicePlace }},
		"group_live_edit": {},
		"group_other_bot": {},
		"group_talk":      {},
		"group_migrate": {"880000027", group, func(in *Inbound) {
			in.Thread, in.MovedTo, in.Lang, in.FixedAt = "-987654", "-1001987654321", "", time.Time{}
		}},
		"channel_post":    {},
		"unknown_kind":    {},
		"unknown_content": {"880000030", private, func(in *Inbound) { in.Aside, in.Flags, in.Text = true, tracker.FlagLowTrust, "↪ переслано" }},
		"off_the_earth":   {"880000031", private, func(in *Inbound) { in.Odd = true }},
	} {
		got, ok, err := DecodeTelegram(recorded(t, "telegram", name+".json"), "aman_test_bot")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want.id == "" {
			if ok {
				t.Errorf("%s: is taken for ours: %+v", name, got)
			}
			continue
		}
		in := want.of
		in.ID = want.id
		want.change(&in)
		if !ok || !reflect.DeepEqual(got, in) {
			t.Errorf("%s: ok %v\ngot  %+v %+v\nwant %+v %+v", name, ok, got, got.Position, in, in.Position)
		}
	}
	files, err := filepath.Glob("testdata/telegram/*.json")
	if err != nil || len(files) != 31 {
		t.Errorf("%d payloads (%v): is each in the table?", len(files), err)
	}
}

// A group's places and words are everybody's to see, and not ours to keep: nothing of
// what was said there is left after decoding.
func TestTelegramGroupLeavesNothing(t *testing.T) {
	in, ok, err := DecodeTelegram(recorded(t, "telegram", "group_location.json"), "aman_test_bot")
	if err != nil || !ok || in.Position != nil || in.Text != "" || in.Place != "" || in.Name != "" || in.Handle != "" || in.Phone != "" {
		t.Errorf("ok %v, %v: %+v", ok, err, in)
	}
}

func TestDecodeTelegramRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"empty": "", "not JSON": "update", "cut off": `{"update_id":1,"message":{`, "no id": `{"message":{}}`, "an array": `[]`,
		"text for a number": `{"update_id":"1"}`, "huge number": `{"update_id":1e999}`,
	} {
		_, ok, err := DecodeTelegram([]byte(body), "b")
		if _, syntax := err.(*SyntaxError); ok || !syntax {
			t.Errorf("%s: ok %v, error %v", name, ok, err)
		}
	}
	// The error must not quote what somebody wrote.
	_, _, err := DecodeTelegram([]byte(`{"update_id":5,"message":{"text":{"secret place":1}}}`), "b")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v", err)
	}
}

// FuzzDecodeTelegram: whatever comes, the decoder neither fails nor lets through what
// the rest of the program must not see; and the conversation makes of it what the core
// takes, in private and in a group.
func FuzzDecodeTelegram(f *testing.F) {
	files, err := filepath.Glob("testdata/telegram/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, ok, err := DecodeTelegram(body, "aman_test_bot")
		if err != nil || !ok {
			return
		}
		soundInbound(t, &in)
	})
}

// soundInbound holds what a decoder let through, and what a conversation makes of it,
// to the rules that the core has.
func soundInbound(t *testing.T, in *Inbound) {
	t.Helper()
	if in.ID == "" || in.Thread == "" {
		t.Fatalf("without an id or a line: %+v", in)
	}
	for _, s := range []string{in.Text, in.Name, in.Handle, in.Place, in.Choice, in.Start, in.Phone} {
		if !utf8.ValidString(s) || readable(s) != nil || utf8.RuneCountInString(s) > longestText+10 {
			t.Fatalf("text %q", s)
		}
	}
	if p := in.Position; p != nil && (!(p.RadiusM > 0) || !(p.Point[0] >= -180 && p.Point[0] <= 180 && p.Point[1] >= -90 && p.Point[1] <= 90)) {
		t.Fatalf("position %+v", p)
	}
	in.Hash()
	if in.Group {
		sp := ConverseGroup(*in, tracker.Thread{Version: 1, Key: in.Thread}, GroupTalk{
			Words: testWords, Private: func(string) string { return "https://t.me/x" }, Page: func(c string) string { return "/s/" + c },
		})
		if sp.Filing != nil || sp.Callback != nil {
			t.Fatal("a group's message was taken in")
		}
		return
	}
	sp := Converse(*in, tracker.Thread{ID: tracker.NewID(), Version: 1, Channel: in.Channel, Key: in.Thread}, testTalk(t))
	if len(sp.Thread.State) > maxTalkState {
		t.Fatalf("state of %d bytes", len(sp.Thread.State))
	}
	if sp.Filing == nil {
		return
	}
	if err := tracker.CheckPerson(sp.Filing.Person); err != nil {
		t.Fatal(err)
	}
	r := sp.Filing.Report
	if !r.Says() || utf8.RuneCountInString(r.Note) > longestNote || utf8.RuneCountInString(r.Address) > 300 {
		t.Fatalf("report %+v", r)
	}
}
