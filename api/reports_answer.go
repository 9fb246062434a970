package api

import (
	"strconv"
	"time"

	"aman/api/openapi"
	"aman/geo/tracker"
)

// answerLine is one line of the answer to a batch: stored with a receipt, or refused.
type answerLine struct {
	line    int
	receipt tracker.Receipt
	refused error
}

// appendBatch writes the contract's BatchResult as encoding/json would, member by member:
// by reflection it would take as long as reading the batch.
func appendBatch(b []byte, lines []answerLine) []byte {
	refused := 0
	for i := range lines {
		if lines[i].refused != nil {
			refused++
		}
	}
	b = append(b, `{"refused":`...)
	b = strconv.AppendInt(b, int64(refused), 10)
	b = append(b, `,"results":[`...)
	for i := range lines {
		if i > 0 {
			b = append(b, ',')
		}
		x := &lines[i]
		if x.refused != nil {
			refusal := encoded(refusedLine(x.line, x.refused))
			b = append(b, refusal[:len(refusal)-1]...)
			continue
		}
		b = append(b, `{"line":`...)
		b = strconv.AppendInt(b, int64(x.line), 10)
		b = append(b, `,"receipt":`...)
		b = appendReceipt(b, &x.receipt)
		b = append(b, `,"status":"`+string(openapi.BatchLineStatusStored)+`"}`...)
	}
	b = append(b, `],"stored":`...)
	b = strconv.AppendInt(b, int64(len(lines)-refused), 10)
	return append(b, "}\n"...)
}

// appendReceipt writes the contract's Receipt. Codes are letters and digits.
func appendReceipt(b []byte, r *tracker.Receipt) []byte {
	b = append(b, `{"code":"`...)
	b = append(b, r.Code...)
	b = append(b, `","person_id":"`...)
	b = appendID(b, r.Person)
	b = append(b, `","received_at":"`...)
	b = r.ReceivedAt.UTC().AppendFormat(b, time.RFC3339Nano)
	if !r.Report.IsZero() {
		b = append(b, `","report_id":"`...)
		b = appendID(b, r.Report)
	}
	return append(b, `"}`...)
}

func refusedLine(n int, err error) openapi.BatchLine {
	p, _ := problemOf(err)
	return openapi.BatchLine{Line: n, Status: openapi.BatchLineStatusRefused, Code: &p.Code, Field: p.Field, Detail: p.Detail}
}
