package api

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"aman/geo/tracker"
)

type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	streams  prometheus.Gauge
}

func newMetrics(reg *prometheus.Registry, t *tracker.Tracker) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aman_http_requests_total", Help: "Requests by route, method and class of status.",
		}, []string{"route", "method", "class"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "aman_http_request_seconds", Help: "How long answers took.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "aman_event_streams", Help: "Open event streams."}),
	}
	reg.MustRegister(m.requests, m.seconds, m.streams,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "aman_picture_seq", Help: "Feed position of the live picture."},
			func() float64 { return float64(t.Snapshot().Seq()) }))
	return m
}

func (m *metrics) observe(method, route string, status int, took time.Duration) {
	class := "none"
	if status >= 100 && status < 600 {
		class = string(rune('0'+status/100)) + "xx"
	}
	m.requests.WithLabelValues(route, knownMethod(method), class).Inc()
	if route != "/api/v1/events/stream" {
		m.seconds.WithLabelValues(route).Observe(took.Seconds())
	}
}

// Admin answers the loopback listener: /livez (the process runs), /readyz (the
// picture is loaded and the database answers), /metrics. It has no accounts and
// must not be reachable from elsewhere.
func (s *Server) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-s.closing:
			plain(w, http.StatusServiceUnavailable, "stopping")
			return
		default:
		}
		if !s.tracker.Snapshot().Ready() {
			plain(w, http.StatusServiceUnavailable, "loading")
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := s.store.Ping(ctx); err != nil {
			plain(w, http.StatusServiceUnavailable, "database")
			return
		}
		plain(w, http.StatusOK, "ok")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.promReg, promhttp.HandlerOpts{}))
	return mux
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // the prober has gone: nobody is left to tell
}
