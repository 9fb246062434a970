package data_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"aman/data"
	"aman/data/storetest"
	"aman/geo/tracker"
)

// benchPeople is 100,000, or AMAN_BENCH_PEOPLE.
func benchPeople(b *testing.B) int {
	if s := os.Getenv("AMAN_BENCH_PEOPLE"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	return 100_000
}

// crowd yields n people with a report each, in parts, as an import does.
func crowd(crisis tracker.ID, n int) func(func(*tracker.Rows) error) error {
	return func(yield func(*tracker.Rows) error) error {
		r := rand.New(rand.NewPCG(1, 2))
		at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
		for i := 0; i < n; {
			var part tracker.Rows
			for ; i < n && len(part.People) < 2000; i++ {
				p := tracker.Person{
					ID: tracker.NewID(), Crisis: crisis, Version: 1, Category: tracker.Citizen, Stay: tracker.Tourist,
					Persons: 1, Country: "AE", RecordedAt: at,
					Details: tracker.Details{
						Name: fmt.Sprint("Person ", i), Latin: fmt.Sprint("PERSON ", i),
						Passport: fmt.Sprint("N", i), Phones: []string{fmt.Sprint("+7701", i)},
					},
				}
				part.People = append(part.People, p)
				part.Reports = append(part.Reports, tracker.Report{
					ID: tracker.NewID(), Crisis: crisis, Person: p.ID,
					Channel: tracker.ChannelImport, ReceivedAt: at, EffectiveAt: at, FixedAt: at, Wellbeing: tracker.Safe,
					Position: &tracker.Position{Point: [2]float64{r.Float64()*360 - 180, r.Float64()*180 - 90}, RadiusM: 20, Method: tracker.GNSS},
				})
			}
			if err := yield(&part); err != nil {
				return err
			}
		}
		return nil
	}
}

func benchStore(b *testing.B, o data.Options) (*data.DB, tracker.ID) {
	d := open(b, o)
	crisis := tracker.NewID()
	if _, err := d.Commit(b.Context(), &tracker.Write{
		Rows:  tracker.Rows{Crises: []tracker.Crisis{{ID: crisis, Slug: "bench"}}},
		Audit: tracker.Audit{Action: "bench"},
	}); err != nil {
		b.Fatal(err)
	}
	return d, crisis
}

func eachDatabase(b *testing.B, f func(b *testing.B, fresh func() data.Options)) {
	b.Run("sqlite", func(b *testing.B) { f(b, func() data.Options { return newSQLite(b).options() }) })
	b.Run("postgres", func(b *testing.B) {
		storetest.Postgres(b)
		f(b, func() data.Options { return newPostgres(b).options() })
	})
}

// BenchmarkImport stores people with a report, a passport and a phone each.
func BenchmarkImport(b *testing.B) {
	n := benchPeople(b)
	eachDatabase(b, func(b *testing.B, fresh func() data.Options) {
		for b.Loop() {
			b.StopTimer()
			d, crisis := benchStore(b, fresh())
			b.StartTimer()
			if _, err := d.Import(b.Context(), data.ImportOptions{Audit: tracker.Audit{Action: "bench"}}, crowd(crisis, n)); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			d.Close()
			b.StartTimer()
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "people/s")
	})
}

// BenchmarkLoad reads them back, as a server's start does.
func BenchmarkLoad(b *testing.B) {
	n := benchPeople(b)
	eachDatabase(b, func(b *testing.B, fresh func() data.Options) {
		d, crisis := benchStore(b, fresh())
		if _, err := d.Import(b.Context(), data.ImportOptions{Audit: tracker.Audit{Action: "bench"}}, crowd(crisis, n)); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			people, reports := 0, 0
			if _, err := d.Load(b.Context(), func(r *tracker.Rows) error {
				people += len(r.People)
				reports += len(r.Reports)
				return nil
			}); err != nil || people != n || reports != n {
				b.Fatal(err, people, reports)
			}
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "people/s")
	})
}

// BenchmarkCommit sends single reports from 64 goroutines: group commit's rate.
func BenchmarkCommit(b *testing.B) {
	eachDatabase(b, func(b *testing.B, fresh func() data.Options) {
		d, crisis := benchStore(b, fresh())
		p := tracker.Person{ID: tracker.NewID(), Crisis: crisis, Version: 1}
		if _, err := d.Commit(b.Context(), &tracker.Write{Rows: tracker.Rows{People: []tracker.Person{p}}, Audit: tracker.Audit{Action: "bench"}}); err != nil {
			b.Fatal(err)
		}
		const senders = 64
		tickets := make(chan struct{}, senders)
		var wait sync.WaitGroup
		for range senders {
			wait.Go(func() {
				for range tickets {
					if _, err := d.Commit(context.Background(), &tracker.Write{
						Rows: tracker.Rows{Reports: []tracker.Report{{
							ID: tracker.NewID(), Crisis: crisis, Person: p.ID, Wellbeing: tracker.Safe,
							Position: &tracker.Position{Point: [2]float64{55, 25}, RadiusM: 10, Method: tracker.GNSS},
						}}},
						Audit: tracker.Audit{Action: "report.submit", Object: "report"},
					}); err != nil {
						b.Error(err)
					}
				}
			})
		}
		for b.Loop() {
			tickets <- struct{}{}
		}
		close(tickets)
		wait.Wait()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reports/s")
	})
}
