package api

import (
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"aman/geo/tracker"
)

// metrics are what the server counts of itself. Labels are route patterns,
// methods, and words of ours: nothing that a caller sends.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	refusals *prometheus.CounterVec
	streams  prometheus.Gauge
}

// StoreStats is what the store has done since it was opened.
type StoreStats struct {
	// Queued are the writes that wait now, of QueueLimit at most.
	Queued, QueueLimit int
	// Groups counts transactions, Writes the writes that they carried, Refused
	// those that got an error, Retries the groups tried again.
	Groups, Writes, Refused, Retries int64
	// CachedRows are kept for readers of recent commits.
	CachedRows int
	// Connections to the database in use.
	Connections int
}

func newMetrics(reg *prometheus.Registry, t *tracker.Tracker, now func() time.Time, store func() StoreStats) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aman_http_requests_total", Help: "Requests by route, method and class of status.",
		}, []string{"route", "method", "class"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "aman_http_request_seconds", Help: "How long answers took, event streams apart.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "method", "class"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aman_http_refusals_total", Help: "Requests that were refused or failed, by why.",
		}, []string{"why"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "aman_event_streams", Help: "Open event streams."}),
	}
	reg.MustRegister(m.requests, m.seconds, m.refusals, m.streams, &pictureMetrics{tracker: t, now: now})
	if store != nil {
		reg.MustRegister(storeMetrics{store})
	}
	return m
}

func (m *metrics) observe(method, route string, status int, took time.Duration) {
	class := "none"
	if status >= 100 && status < 600 {
		class = string(rune('0'+status/100)) + "xx"
	}
	method = knownMethod(method)
	m.requests.WithLabelValues(route, method, class).Inc()
	if route != "/api/v1/events/stream" {
		m.seconds.WithLabelValues(route, method, class).Observe(took.Seconds())
	}
}

// refused counts an answer that is a problem.
func (m *metrics) refused(status int) { m.refusals.WithLabelValues(why(status)).Inc() }

// why is the word for a problem's status; there are few.
func why(status int) string {
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusUnsupportedMediaType:
		return "invalid"
	case http.StatusUnauthorized:
		return "unauthorized"
	case http.StatusForbidden:
		return "forbidden"
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone:
		return "not_found"
	case http.StatusConflict:
		return "conflict"
	case http.StatusPreconditionFailed, http.StatusPreconditionRequired:
		return "version"
	case http.StatusRequestEntityTooLarge:
		return "too_large"
	case http.StatusTooManyRequests:
		return "too_many"
	case http.StatusServiceUnavailable:
		return "unavailable"
	case http.StatusInternalServerError:
		return "internal"
	default:
		return "other"
	}
}

func describe(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }

var (
	pictureSeq     = describe("aman_picture_seq", "Feed position of the live picture.")
	pictureAge     = describe("aman_picture_age_seconds", "Time since the newest commit that the live picture holds.")
	pictureRecords = describe("aman_picture_records", "Records of people in the live picture.")
	picturePersons = describe("aman_picture_persons", "People that these records stand for.")
)

// pictureMetrics reads the live picture when somebody asks. People are counted
// anew only when the picture has moved on.
type pictureMetrics struct {
	tracker *tracker.Tracker
	now     func() time.Time

	mu      sync.Mutex
	seq     int64         // of the count; guarded by mu
	epoch   string        // guarded by mu
	counted tracker.Count // guarded by mu
}

// Describe implements prometheus.Collector.
func (p *pictureMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{pictureSeq, pictureAge, pictureRecords, picturePersons} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (p *pictureMetrics) Collect(ch chan<- prometheus.Metric) {
	s := p.tracker.Snapshot()
	people := p.people(s)
	gauge := func(d *prometheus.Desc, x float64) { ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, x) }
	gauge(pictureSeq, float64(s.Seq()))
	gauge(pictureRecords, float64(people.Records))
	gauge(picturePersons, float64(people.Persons))
	if at := s.CommittedAt(); !at.IsZero() {
		gauge(pictureAge, max(0, p.now().Sub(at).Seconds()))
	}
}

func (p *pictureMetrics) people(s *tracker.Snapshot) tracker.Count {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seq == s.Seq() && p.epoch == s.Epoch() {
		return p.counted
	}
	v := s.View(tracker.Scope{All: true, Casualty: true}, p.now())
	p.seq, p.epoch, p.counted = s.Seq(), s.Epoch(), tracker.Count{}
	for _, c := range s.Crises() {
		page, err := v.People(tracker.Filter{Crisis: c.ID}, 1, "")
		if err != nil {
			continue // a filter of one crisis that is there is never wrong
		}
		p.counted.Records += page.Total.Records
		p.counted.Persons += page.Total.Persons
	}
	return p.counted
}

var (
	storeQueued      = describe("aman_store_queued_writes", "Writes that wait for the committer.")
	storeQueueLimit  = describe("aman_store_queue_limit", "Writes that may wait; one more is refused.")
	storeGroups      = describe("aman_store_transactions_total", "Transactions that were committed.")
	storeWrites      = describe("aman_store_writes_total", "Writes that these transactions carried.")
	storeRefused     = describe("aman_store_refused_writes_total", "Writes that got an error.")
	storeRetries     = describe("aman_store_retries_total", "Transactions that were tried again.")
	storeCachedRows  = describe("aman_store_cached_rows", "Rows kept for readers of recent commits.")
	storeConnections = describe("aman_store_connections", "Connections to the database in use.")
)

// storeMetrics asks the store when somebody asks.
type storeMetrics struct{ stats func() StoreStats }

// Describe implements prometheus.Collector.
func (storeMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		storeQueued, storeQueueLimit, storeGroups, storeWrites, storeRefused, storeRetries, storeCachedRows, storeConnections,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (m storeMetrics) Collect(ch chan<- prometheus.Metric) {
	s := m.stats()
	send := func(d *prometheus.Desc, kind prometheus.ValueType, x float64) {
		ch <- prometheus.MustNewConstMetric(d, kind, x)
	}
	send(storeQueued, prometheus.GaugeValue, float64(s.Queued))
	send(storeQueueLimit, prometheus.GaugeValue, float64(s.QueueLimit))
	send(storeGroups, prometheus.CounterValue, float64(s.Groups))
	send(storeWrites, prometheus.CounterValue, float64(s.Writes))
	send(storeRefused, prometheus.CounterValue, float64(s.Refused))
	send(storeRetries, prometheus.CounterValue, float64(s.Retries))
	send(storeCachedRows, prometheus.GaugeValue, float64(s.CachedRows))
	send(storeConnections, prometheus.GaugeValue, float64(s.Connections))
}
