package data

import (
	"context"

	"aman/geo/tracker"
)

// Mappings lists the saved mappings of lists, by name, the newest of one name first:
// each is its owner's.
func (d *DB) Mappings(ctx context.Context) ([]tracker.Mapping, error) {
	return many(ctx, d, "mappings", func(m *tracker.Mapping) []any {
		return []any{&m.ID, intoText{&m.Name}, &m.Owner, &m.Mission, intoBlob{&m.Text}, intoTime{&m.At}}
	}, `SELECT m.id, m.name, m.owner, m.mission_id, m.body, m.at FROM mappings m ORDER BY m.name, m.at DESC, m.id DESC`)
}

// SaveMapping stores a mapping, or replaces that of the same owner and name. A
// mission that isn't there is ErrNotFound; an id that is another's ErrConflict.
func (d *DB) SaveMapping(ctx context.Context, m tracker.Mapping, au tracker.Audit) error {
	var c checker
	c.id("mapping.id", m.ID)
	c.text("mapping.name", m.Name)
	if c.err != nil {
		return c.err
	}
	if m.Text == nil {
		m.Text = []byte{}
	}
	return d.change(ctx, au, func(ctx context.Context, s *session) error {
		return s.insert(ctx, "mapping", `INSERT INTO mappings (id, owner, name, mission_id, body, at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (owner, name) DO UPDATE SET id = excluded.id, mission_id = excluded.mission_id, body = excluded.body, at = excluded.at`,
			m.ID[:], m.Owner[:], m.Name, idArg(m.Mission), m.Text, toMicros(m.At))
	})
}

// DeleteMapping forgets a mapping. ErrNotFound.
func (d *DB) DeleteMapping(ctx context.Context, id tracker.ID, au tracker.Audit) error {
	return d.change(ctx, au, func(ctx context.Context, s *session) error {
		return s.update(ctx, "mapping", `DELETE FROM mappings WHERE id = $1`, id[:])
	})
}
