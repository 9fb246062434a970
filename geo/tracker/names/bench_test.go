package names_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"aman/geo/tracker/names"
)

// sample is a thousand names in all spellings.
func sample(r *rand.Rand) (people []*human, spelt []string) {
	people = population(1000, r)
	for _, h := range people {
		spelt = append(spelt, h.name(r.IntN(len(spellings))))
	}
	return people, spelt
}

func BenchmarkFold(b *testing.B) {
	_, spelt := sample(rand.New(rand.NewPCG(1, 2)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		names.Fold(spelt[i%len(spelt)])
	}
}

func BenchmarkPrepare(b *testing.B) {
	people, _ := sample(rand.New(rand.NewPCG(1, 2)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d := people[i%len(people)].stored()
		names.Prepare(&d)
	}
}

func BenchmarkSearchable(b *testing.B) {
	_, spelt := sample(rand.New(rand.NewPCG(1, 2)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		names.Searchable(spelt[i%len(spelt)], "+77011234567")
	}
}

// BenchmarkMatch asks a thousand people: ns/op is for all of them.
func BenchmarkMatch(b *testing.B) {
	_, spelt := sample(rand.New(rand.NewPCG(1, 2)))
	bytes := 0
	for i, s := range spelt {
		spelt[i] = names.Searchable(s, "+77011234567")
		bytes += len(spelt[i])
	}
	for _, text := range []string{"Chingiz", "Ussenov Shyngys", "7011234", "Омаров"} {
		b.Run(text, func(b *testing.B) {
			q := names.NewQuery(text)
			for b.Loop() {
				for _, s := range spelt {
					q.Match(s)
				}
			}
			b.ReportMetric(float64(bytes)/float64(len(spelt)), "B/person")
		})
	}
}

func BenchmarkScore(b *testing.B) {
	people, _ := sample(rand.New(rand.NewPCG(1, 2)))
	var all []*names.Prepared
	for _, h := range people {
		d := h.stored()
		all = append(all, names.Prepare(&d))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		names.Score(all[i%len(all)], all[i*7%len(all)])
	}
}

func BenchmarkSuggest(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			people := population(n, r)
			prepared := make([]*names.Prepared, n)
			for i, h := range people {
				d := h.stored()
				prepared[i] = names.Prepare(&d)
			}
			before := heap()
			var x names.Index
			for i, p := range prepared {
				x.Add(uint32(i), p)
			}
			indexed := heap() - before
			var asks []*names.Prepared
			for range 2000 {
				asks = append(asks, makePair(people[r.IntN(n)], people, r).ids.Name)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				x.Suggest(asks[i%len(asks)], 5)
			}
			b.ReportMetric(float64(indexed)/float64(n), "B/person")
			runtime.KeepAlive(prepared)
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
