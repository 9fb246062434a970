package intake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"aman/geo/tracker"
)

const testNumber = "106540352242922"

// Oracle: Meta's documentation of the messages webhook, read by hand; a location of
// WhatsApp has no accuracy, and so is a pin of a kilometre.
func TestDecodeWhatsApp(t *testing.T) {
	ids := func(n string) string { return "wamid.HBgLNzcwMTU1NTAxMDEVAgASGBQzQUNC00" + n }
	erlan := func(n string, second int) Inbound {
		return Inbound{
			Channel: tracker.ChannelWhatsApp, ID: ids(n), Thread: "+77015550101", Phone: "+77015550101", Name: "Ерлан Сейітов",
			FixedAt: noon.Add(time.Duration(second) * time.Second),
		}
	}
	with := func(in Inbound, change func(*Inbound)) []Inbound {
		change(&in)
		return []Inbound{in}
	}
	third := Inbound{
		Channel: tracker.ChannelWhatsApp, ID: ids("16"), Thread: "+97455112233", Phone: "+97455112233", FixedAt: noon.Add(16 * time.Second),
		Position: positionOf(51.531, 25.2854, 1000, tracker.Pin),
	}
	for name, want := range map[string][]Inbound{
		"text":     with(erlan("01", 1), func(in *Inbound) { in.Text = "Сәлем, біз Дохадамыз" }),
		"location": with(erlan("02", 2), func(in *Inbound) { in.Position = positionOf(51.531, 25.2854, 1000, tracker.Pin) }),
		"location_place": with(erlan("03", 3), func(in *Inbound) {
			in.Place, in.Position = "Museum of Islamic Art, Al Corniche St, Doha", positionOf(51.5392, 25.2958, 1000, tracker.Pin)
		}),
		"button_reply":    with(erlan("04", 4), func(in *Inbound) { in.Choice = "lang:kk" }),
		"list_reply":      with(erlan("05", 5), func(in *Inbound) { in.Choice = "status:help" }),
		"template_button": with(erlan("06", 6), func(in *Inbound) { in.Text = "Аманмын" }),
		"contacts":        with(erlan("07", 7), func(in *Inbound) { in.Aside, in.Text = true, "☎ Марат Оспанов +974 5511 2233" }),
		"image_caption":   with(erlan("08", 8), func(in *Inbound) { in.Odd, in.Text = true, "Біздің қонақүй" }),
		"audio":           with(erlan("09", 9), func(in *Inbound) { in.Odd = true }),
		"unsupported":     with(erlan("10", 10), func(in *Inbound) { in.Odd = true }),
		"forwarded_location": with(erlan("11", 11), func(in *Inbound) {
			in.Aside, in.Flags, in.Text = true, tracker.FlagLowTrust, "↪ 26.22350, 50.58760"
		}),
		"reaction":     nil,
		"system":       nil,
		"statuses":     nil,
		"other_number": nil,
		"batch": {
			with(erlan("14", 14), func(in *Inbound) { in.Text = "бірінші" })[0],
			with(erlan("15", 15), func(in *Inbound) { in.Text = "екінші" })[0],
			third,
			with(erlan("17", 17), func(in *Inbound) { in.Text = "үшінші" })[0],
		},
		"odd_shape": {{
			Channel: tracker.ChannelWhatsApp, ID: "wamid.odd", Thread: "+77015550101", Phone: "+77015550101", Name: "Ерлан Сейітов", Odd: true,
		}},
	} {
		got, err := DecodeWhatsApp(recorded(t, "whatsapp", name+".json"), testNumber)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", name, err, got, want)
		}
	}
	files, err := filepath.Glob("testdata/whatsapp/*.json")
	if err != nil || len(files) != 17 {
		t.Errorf("%d payloads (%v): is each in the table?", len(files), err)
	}
}

func TestDecodeWhatsAppRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"empty": "", "not JSON": "x", "an array": "[]", "another object": `{"object":"page","entry":[]}`, "entries of another shape": `{"object":"whatsapp_business_account","entry":{}}`,
	} {
		ins, err := DecodeWhatsApp([]byte(body), testNumber)
		if _, syntax := err.(*SyntaxError); len(ins) > 0 || !syntax {
			t.Errorf("%s: %v, error %v", name, ins, err)
		}
	}
}

// Oracle: RFC 4231's test case 2 for HMAC-SHA-256, and our own HMAC.
func TestWhatsAppSigned(t *testing.T) {
	if !WhatsAppSigned("sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", []byte("what do ya want for nothing?"), "Jefe") {
		t.Error("the signature of RFC 4231 is refused")
	}
	body := []byte(`{"object":"whatsapp_business_account"}`)
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write(body)
	good := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	for name, header := range map[string]string{
		"none": "", "without its algorithm": good[7:], "short": good[:40], "sha1": "sha1=" + good[7:], "not hex": "sha256=" + strings.Repeat("zz", 32),
		"of another body": "sha256=" + strings.Repeat("00", 32),
	} {
		if WhatsAppSigned(header, body, "secret") {
			t.Errorf("%s: is believed", name)
		}
	}
	if !WhatsAppSigned(good, body, "secret") || WhatsAppSigned(good, append(body, ' '), "secret") || WhatsAppSigned(good, body, "other") {
		t.Error("a signature is not of its body and secret alone")
	}
}

// FuzzDecodeWhatsApp: see FuzzDecodeTelegram.
func FuzzDecodeWhatsApp(f *testing.F) {
	files, err := filepath.Glob("testdata/whatsapp/*.json")
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
		ins, err := DecodeWhatsApp(body, testNumber)
		if err != nil {
			return
		}
		for i := range ins {
			if i < 10 {
				soundInbound(t, &ins[i])
			}
		}
	})
}
