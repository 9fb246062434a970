package data

import "aman/geo/tracker"

func (e *encoded) airport(a *tracker.AirportState) {
	e.add(tAirports, airportKey(a), a.Crisis[:], a.Airport, int64(a.Version), int64(a.Status), a.Reason,
		toMicros(a.Until), idArg(a.Author), toMicros(a.RecordedAt), nil)
}

type storedAirport struct {
	tracker.AirportState
	commit tracker.ID
}

var airportSource = source[storedAirport]{
	query: `SELECT a.crisis_id, a.airport, a.version, a.status, a.reason, a.until, a.author, a.recorded_at, a.commit_id
		FROM airport_states a`,
	where: `WHERE`, commit: `a.commit_id`, order: `ORDER BY a.crisis_id, a.airport, a.version`,
	dest: func(x *storedAirport) []any {
		return []any{
			&x.Crisis,
			intoText{&x.Airport},
			num(&x.Version), num(&x.Status),
			intoText{&x.Reason},
			intoTime{&x.Until},
			&x.Author,
			intoTime{&x.RecordedAt},
			&x.commit,
		}
	},
	commitOf: func(x *storedAirport) tracker.ID { return x.commit },
}
