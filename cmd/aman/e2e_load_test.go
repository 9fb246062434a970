package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"aman/geo/tracker"
)

// The load is what a bad hour brings: reports on all channels at once, each tenth of
// them delivered twice, none in order.

const (
	loadSecret  = "a-secret-of-the-load-test"
	loadGateway = `[{"name":"load","format":"json","time":"unix_ms","auth":{"kind":"header","header":"X-Gateway-Token","secret":"` + loadSecret + `"},
		"fields":{"id":"id","from":"from","text":"text","sent_at":"at"}}]`
)

// delivery is one request of a provider, a phone or a partner.
type delivery struct {
	channel tracker.Channel
	method  string
	path    string
	body    string
	header  []string // names and values by turns
	reports int      // that it comes to
}

// load is a running service, set up for every channel.
type load struct {
	site    *site
	service *service
	rng     *rand.Rand
	clients []*http.Client
	start   time.Time

	links   []string    // codes of campaigns
	guests  [][2]string // link's code, secret
	own     [][2]string // OwnTracks: user, password
	osmand  []string    // identifiers
	partner string
	serial  int
}

// newLoad starts a service with n people on each channel.
func newLoad(t testing.TB, n int, seed uint64) *load {
	t.Helper()
	providers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // what is said to them doesn't matter here
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(r.URL.Path, "/bot") {
			fmt.Fprint(w, `{"ok":true,"result":{"message_id":1,"date":1,"chat":{"id":1,"type":"private"}}}`)
			return
		}
		fmt.Fprint(w, `{"messaging_product":"whatsapp","messages":[{"id":"wamid.out"}]}`)
	}))
	t.Cleanup(providers.Close)
	l := &load{site: &site{dir: t.TempDir()}, rng: rand.New(rand.NewPCG(seed, 7)), start: time.Now()}
	l.site.must(t, testMissions, "import", "missions", "-")
	l.partner = l.site.key(t, "partner", "")
	l.service = l.site.start(t, "serve",
		"--telegram-token", "1234567:load-test-token-0000", "--telegram-name", "load_bot", "--telegram-secret", loadSecret, "--telegram-api", providers.URL,
		"--whatsapp-token", "load-test-token-0000", "--whatsapp-phone-id", "1234567890", "--whatsapp-app-secret", loadSecret,
		"--whatsapp-verify-token", loadSecret, "--whatsapp-api", providers.URL, "--sms-gateways", loadGateway, "--tracking", "on")
	// Callers behind one address share its ceiling; these come from several.
	for i := range 16 {
		dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+i))}}
		l.clients = append(l.clients, &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
			DialContext: dialer.DialContext, MaxIdleConnsPerHost: 256, DisableCompression: true,
		}})
	}
	analyst := l.service.as(l.site.key(t, "analyst", ""))
	type newLink struct{ Link struct{ Code string } }
	for i := range 24 {
		body := fmt.Sprintf(`{"kind":"campaign","country":"AE","label":"hall %d","expires_at":%q}`, i, l.start.Add(time.Hour).UTC().Format(time.RFC3339))
		made, _ := ask[newLink](t, analyst, http.StatusCreated, http.MethodPost, "/api/v1/links", body)
		l.links = append(l.links, made.Link.Code)
	}
	for i := range n {
		l.guests = append(l.guests, [2]string{l.links[i%len(l.links)], l.secret()})
	}
	type device struct{ ID, Password string }
	for i := range 2 * n {
		app := []string{"owntracks", "osmand"}[i%2]
		c := &caller{v: l.service, http: l.clients[i%len(l.clients)]}
		d, _ := ask[device](t, c, http.StatusCreated, http.MethodPost, "/s/"+l.links[i%len(l.links)]+"/device", fmt.Sprintf(`{"secret":%q,"app":%q}`, l.secret(), app))
		if app == "owntracks" {
			l.own = append(l.own, [2]string{d.ID, d.Password})
		} else {
			l.osmand = append(l.osmand, d.ID)
		}
	}
	return l
}

// secret is what a phone makes up for itself.
func (l *load) secret() string {
	var b [32]byte
	for i := range b {
		b[i] = byte(l.rng.UintN(256))
	}
	return hex.EncodeToString(b[:])
}

// next makes a delivery that nobody has made before: a link's page 35 %, Telegram,
// OwnTracks and OsmAnd 15 % each, WhatsApp and SMS 9 % each, and 2 % batches of ten
// lines.
func (l *load) next() delivery {
	l.serial++
	k := l.rng.IntN(len(l.guests))
	lon, lat := 55.2+float64(k%40)*0.003+l.rng.Float64()*0.001, 25.1+float64(k/40)*0.003+l.rng.Float64()*0.001
	at := time.Now().Add(-time.Duration(l.rng.IntN(600)) * time.Second)
	post := delivery{method: http.MethodPost, reports: 1}
	switch p := l.rng.IntN(100); {
	case p < 35:
		g := l.guests[k]
		post.channel, post.path = tracker.ChannelLink, "/s/"+g[0]
		post.body = fmt.Sprintf(`{"id":%q,"secret":%q,"status":"safe","lon":%f,"lat":%f,"accuracy_m":15,"fixed_at":%q}`,
			uuid.NewString(), g[1], lon, lat, at.UTC().Format(time.RFC3339))
	case p < 50:
		post.channel, post.path = tracker.ChannelTelegram, "/in/telegram"
		post.header = []string{"X-Telegram-Bot-Api-Secret-Token", loadSecret}
		post.body = fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":%d,"chat":{"id":%d,"type":"private"},
			"from":{"id":%d,"is_bot":false,"first_name":"Load","language_code":"ru"},"location":{"latitude":%f,"longitude":%f,"horizontal_accuracy":20}}}`,
			l.serial, l.serial, at.Unix(), 1000+k, 1000+k, lat, lon)
	case p < 65:
		d := l.own[k%len(l.own)]
		req := http.Request{Header: http.Header{}}
		req.SetBasicAuth(d[0], d[1])
		post.channel, post.path = tracker.ChannelOwnTracks, "/in/owntracks"
		post.header = []string{"Authorization", req.Header.Get("Authorization")}
		post.body = fmt.Sprintf(`{"_type":"location","lat":%f,"lon":%f,"acc":12,"tst":%d,"tid":"KZ","t":"u","conn":"m"}`, lat, lon, at.Unix())
	case p < 80:
		post.channel, post.path = tracker.ChannelOsmAnd, "/in/osmand"
		q := url.Values{"id": {l.osmand[k%len(l.osmand)]}, "lat": {fmt.Sprintf("%f", lat)}, "lon": {fmt.Sprintf("%f", lon)}, "timestamp": {fmt.Sprint(at.Unix())}, "accuracy": {"9"}}
		post.body, post.header = q.Encode(), []string{"Content-Type", "application/x-www-form-urlencoded"}
	case p < 89:
		post.channel, post.path = tracker.ChannelWhatsApp, "/in/whatsapp"
		post.body = fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
			"metadata":{"display_phone_number":"77010000000","phone_number_id":"1234567890"},"contacts":[{"profile":{"name":"Load"},"wa_id":"7701%07d"}],
			"messages":[{"from":"7701%07d","id":"wamid.%d","timestamp":"%d","type":"location","location":{"latitude":%f,"longitude":%f}}]}}]}]}`,
			k, k, l.serial, at.Unix(), lat, lon)
		mac := hmac.New(sha256.New, []byte(loadSecret))
		mac.Write([]byte(post.body))
		post.header = []string{"X-Hub-Signature-256", "sha256=" + hex.EncodeToString(mac.Sum(nil))}
	case p < 98:
		post.channel, post.path = tracker.ChannelSMS, "/in/sms/load"
		post.header = []string{"X-Gateway-Token", loadSecret}
		post.body = fmt.Sprintf(`{"id":"%d","from":"+7702%07d","text":"KZ 1 %f, %f","at":%d}`, l.serial, k, lat, lon, at.UnixMilli())
	default:
		var b strings.Builder
		for i := range 10 {
			fmt.Fprintf(&b, `{"person":{"name":"Load %d %d"},"wellbeing":"safe","position":{"lon":%f,"lat":%f,"radius_m":30,"method":"gnss"}}`+"\n", l.serial, i, lon, lat)
		}
		post.channel, post.path, post.body, post.reports = tracker.ChannelPartner, "/api/v1/reports/batch", b.String(), 10
		post.header = []string{"Authorization", "Bearer " + l.partner, "Content-Type", "application/x-ndjson", "Idempotency-Key", uuid.NewString()}
	}
	return post
}

// loadResult is how a load went.
type loadResult struct {
	took     map[tracker.Channel][]time.Duration // from when a delivery was due
	distinct map[tracker.Channel]int             // reports
	sent     int
	cpu      time.Duration // of the service, while it ran
	again    int64         // deliveries that were sent once more after a 409, 429 or 503
	refused  map[string]int
}

// run sends deliveries at a rate, whether the ones before were answered or not, for a
// while: a tenth of them for the second time. Whoever is told to try again does.
func (l *load) run(t testing.TB, perSecond int, during time.Duration) *loadResult {
	t.Helper()
	n := int(float64(perSecond) * during.Seconds())
	res := &loadResult{took: map[tracker.Channel][]time.Duration{}, distinct: map[tracker.Channel]int{}, refused: map[string]int{}, sent: n}
	queue := make([]delivery, 0, n)
	for len(queue) < n {
		if len(queue) > 20 && l.rng.IntN(10) == 0 {
			back := 1 + l.rng.IntN(min(len(queue), 2*perSecond)) // up to two seconds later; the very last at once
			queue = append(queue, queue[len(queue)-back])
			continue
		}
		d := l.next()
		res.distinct[d.channel] += d.reports
		queue = append(queue, d)
	}
	var mu sync.Mutex // guards what is in res
	var wg sync.WaitGroup
	var again atomic.Int64
	before := l.service.cpu(t)
	begin := time.Now()
	for i := range queue {
		due := begin.Add(time.Duration(float64(i) / float64(perSecond) * float64(time.Second)))
		time.Sleep(time.Until(due))
		d, client := &queue[i], l.clients[i%len(l.clients)]
		wg.Go(func() {
			status := 0
			for try := range 8 {
				if try > 0 {
					again.Add(1)
					time.Sleep(time.Duration(try) * 200 * time.Millisecond)
				}
				c := &caller{v: l.service, http: client}
				a, err := c.send(d.method, d.path, d.body, d.header...)
				if status = a.status; err != nil {
					status = -1
				}
				if status != http.StatusConflict && status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable && status != -1 {
					break
				}
			}
			mu.Lock()
			defer mu.Unlock()
			res.took[d.channel] = append(res.took[d.channel], time.Since(due))
			if status < 200 || status > 299 {
				res.refused[fmt.Sprintf("%s %d", d.channel, status)]++
			}
		})
	}
	wg.Wait()
	res.again, res.cpu = again.Load(), l.service.cpu(t)-before
	return res
}

// stored counts reports by channel, once the service has stopped: those that a start
// loads, and those of commits after.
func (l *load) stored(t testing.TB) map[tracker.Channel]int {
	t.Helper()
	ctx := context.Background()
	db, err := (&storeFlags{DataDir: l.site.dir}).open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	n := map[tracker.Channel]int{}
	count := func(r *tracker.Rows) error {
		for i := range r.Reports {
			n[r.Reports[i].Channel]++
		}
		return nil
	}
	loaded, err := db.Load(ctx, count)
	if err != nil {
		t.Fatal(err)
	}
	for after := loaded.Seq; ; {
		_, cs, err := db.Changes(ctx, after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(cs) == 0 {
			return n
		}
		for _, c := range cs {
			if err := db.EachRow(ctx, c, count); err != nil {
				t.Fatal(err)
			}
			after = c.Seq
		}
	}
}

// cpu is the processor time that the service has used; 0 where the system doesn't say.
func (v *service) cpu(t testing.TB) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", v.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // after the name, which may hold anything
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	var ticks int64
	for _, f := range fields[11:13] { // utime and stime, proc(5), in hundredths of a second
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// check ends the service and compares what is stored with what was distinct.
func (l *load) check(t testing.TB, res *loadResult) {
	t.Helper()
	if err := l.service.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-l.service.ended
	for what, n := range res.refused {
		t.Errorf("%s: %d deliveries were refused for good", what, n)
	}
	stored := l.stored(t)
	for ch, want := range res.distinct {
		if stored[ch] != want {
			t.Errorf("%s: %d reports are stored, %d were distinct", ch, stored[ch], want)
		}
	}
}

// TestLoadShort: whatever comes on all channels at once, twice and in any order, is
// stored exactly once. Oracle: the number of distinct deliveries made.
func TestLoadShort(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a service")
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	l := newLoad(t, 20, seed)
	res := l.run(t, 150, 2*time.Second)
	l.check(t, res)
	text, err := json.Marshal(res.distinct)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d deliveries, %d again, reports by channel %s", res.sent, res.again, text)
}
