package data

import (
	"context"
	"fmt"

	"aman/geo/tracker"
)

func (e *encoded) zone(z *tracker.Zone) {
	e.add(tZones, zoneKey(z), z.ID[:], int64(z.Version), z.Crisis[:], int64(z.State), z.Withdrawing,
		int64(z.Level), int64(z.Action), int64(z.Kind), z.FloorM, z.CeilingM,
		toMicros(z.ValidFrom), toMicros(z.ValidTo), jsonArg(z.Names), jsonArg(z.Advice),
		z.Source, z.Reason, z.Country, shapeArg(z.Shape), z.Ref,
		idArg(z.Author), idArg(z.Confirmer), toMicros(z.ConfirmedAt), toMicros(z.RecordedAt), nil)
}

func (e *encoded) mark(m *tracker.ZoneMark) {
	e.add(tMarks, markKey(m), m.Zone[:], int64(m.Version), m.Begin, toMicros(m.At), nil)
}

type storedZone struct {
	tracker.Zone
	commit tracker.ID
}

var zoneSource = source[storedZone]{
	query: `SELECT z.id, z.version, z.crisis_id, z.state, z.withdrawing, z.level, z.action, z.kind, z.floor_m, z.ceiling_m,
		z.valid_from, z.valid_to, z.names, z.advice, z.source, z.reason, z.country, z.shape, z.ref,
		z.author, z.confirmer, z.confirmed_at, z.recorded_at, z.commit_id
		FROM zones z`,
	where: `WHERE`, commit: `z.commit_id`, order: `ORDER BY z.id, z.version`,
	dest: func(x *storedZone) []any {
		return []any{
			&x.ID, num(&x.Version), &x.Crisis, num(&x.State),
			intoBool{&x.Withdrawing},
			num(&x.Level),
			num(&x.Action), num(&x.Kind), &x.FloorM, &x.CeilingM,
			intoTime{&x.ValidFrom},
			intoTime{&x.ValidTo},
			intoNames{&x.Names},
			intoNames{&x.Advice},
			intoText{&x.Source},
			intoText{&x.Reason},
			intoText{&x.Country},
			intoShape{&x.Shape},
			intoText{&x.Ref},
			&x.Author, &x.Confirmer,
			intoTime{&x.ConfirmedAt},
			intoTime{&x.RecordedAt},
			&x.commit,
		}
	},
	commitOf: func(x *storedZone) tracker.ID { return x.commit },
}

type storedMark struct {
	tracker.ZoneMark
	commit tracker.ID
}

var markSource = source[storedMark]{
	query: `SELECT m.zone_id, m.version, m.begins, m.at, m.commit_id FROM zone_marks m`,
	where: `WHERE`, commit: `m.commit_id`, order: `ORDER BY m.zone_id, m.version, m.begins DESC`,
	dest: func(x *storedMark) []any {
		return []any{&x.Zone, num(&x.Version), intoBool{&x.Begin}, intoTime{&x.At}, &x.commit}
	},
	commitOf: func(x *storedMark) tracker.ID { return x.commit },
}

// ZoneVersions lists every version of a zone, oldest first.
func (d *DB) ZoneVersions(ctx context.Context, zone tracker.ID) ([]tracker.Zone, error) {
	xs, err := all(ctx, d.vault, d.readers, &zoneSource, zoneSource.text(`z.id = $1`), zone[:])
	if err != nil {
		return nil, fmt.Errorf("read versions of zone %s: %w", zone, d.unavailable(err))
	}
	if len(xs) == 0 {
		return nil, fmt.Errorf("zone %s: %w", zone, tracker.ErrNotFound)
	}
	zs := make([]tracker.Zone, len(xs))
	for i := range xs {
		zs[i] = xs[i].Zone
	}
	return zs, nil
}
