package data

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"aman/geo/tracker"
)

// auditHead is where the audit's chain ends.
type auditHead struct {
	seq  int64
	hash []byte
}

// auditHash is what a record adds to the chain: it covers every column and the
// hash before, so that no record can be changed, moved or taken out without the
// key, which lives outside the database.
func (v *vault) auditHash(seq, at int64, au *tracker.Audit, prev []byte) []byte {
	h := hmac.New(sha256.New, v.chain)
	var b []byte
	b = binary.BigEndian.AppendUint64(b, uint64(seq))
	b = binary.BigEndian.AppendUint64(b, uint64(at))
	b = append(b, au.Actor[:]...)
	for _, s := range []string{au.Role, au.Action, au.Object, au.Reason, string(prev)} {
		b = lengthPrefixed(b, s)
	}
	h.Write(b)
	return h.Sum(nil)
}

var auditTable = insertInto("audit", "audit record", bulk,
	"seq", "at", "actor", "role", "action", "object", "reason", "prev_hash", "hash")

// audit appends records; the caller holds the head row.
func (s *session) audit(ctx context.Context, h *auditHead, at int64, aus []tracker.Audit) error {
	rows := make([]row, len(aus))
	for i := range aus {
		au, prev := &aus[i], h.hash
		h.seq++
		h.hash = s.d.vault.auditHash(h.seq, at, au, prev)
		rows[i].args = []any{h.seq, at, idArg(au.Actor), au.Role, au.Action, au.Object, au.Reason, prev, h.hash}
	}
	if len(rows) >= copyFrom {
		return s.load(ctx, &auditTable, rows)
	}
	for _, r := range rows {
		if _, err := s.exec(ctx, auditTable.text, r.args...); err != nil {
			return fmt.Errorf("store audit record: %w", err)
		}
	}
	return nil
}

// VerifyAudit walks the whole audit and returns how many records hold together
// from the start; the error names the first that doesn't, or says that the end
// is missing.
func (d *DB) VerifyAudit(ctx context.Context) (n int, err error) {
	tx, err := d.snapshot(ctx)
	if err != nil {
		return 0, fmt.Errorf("verify audit: %w", d.unavailable(err))
	}
	defer tx.Rollback()
	var head auditHead
	if err := tx.QueryRowContext(ctx, `SELECT audit_seq, audit_hash FROM head`).Scan(&head.seq, &head.hash); err != nil {
		return 0, fmt.Errorf("verify audit: %w", d.unavailable(err))
	}
	rows, err := tx.QueryContext(ctx, `SELECT seq, at, actor, role, action, object, reason, prev_hash, hash FROM audit ORDER BY seq`)
	if err != nil {
		return 0, fmt.Errorf("verify audit: %w", d.unavailable(err))
	}
	defer rows.Close()
	last := make([]byte, 32)
	for rows.Next() {
		var seq, at int64
		var au tracker.Audit
		var prev, hash []byte
		if err := rows.Scan(&seq, &at, &au.Actor, &au.Role, &au.Action, &au.Object, &au.Reason, &prev, &hash); err != nil {
			return n, fmt.Errorf("verify audit: %w", err)
		}
		if seq != int64(n)+1 || !hmac.Equal(prev, last) || !hmac.Equal(hash, d.vault.auditHash(seq, at, &au, prev)) {
			return n, fmt.Errorf("audit record %d does not fit the chain", n+1)
		}
		last = hash
		n++
	}
	if err := rows.Err(); err != nil {
		return n, fmt.Errorf("verify audit: %w", d.unavailable(err))
	}
	if int64(n) != head.seq || !hmac.Equal(last, head.hash) {
		return n, fmt.Errorf("audit ends at record %d, its head says %d", n, head.seq)
	}
	return n, nil
}
