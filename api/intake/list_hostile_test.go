package intake

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"aman/geo/tracker"
)

// rezip packs a workbook anew with some parts changed (nil: left out) or added.
func rezip(t testing.TB, b []byte, change map[string][]byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	put := func(name string, text []byte) {
		part, err := w.Create(name)
		if err == nil {
			_, err = part.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	done := map[string]bool{}
	for _, f := range in.File {
		text, changed := change[f.Name]
		if done[f.Name] = true; changed {
			if text != nil {
				put(f.Name, text)
			}
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if text, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		put(f.Name, text)
	}
	for name, text := range change {
		if !done[name] && text != nil {
			put(name, text)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const sheetXML = `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%</sheetData></worksheet>`

// TestHostileWorkbooks: what could hurt is refused by its code, before it is unpacked
// into memory or looked at, and nothing is written to the temporary directory.
func TestHostileWorkbooks(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	w := newWorkbook(t, "List")
	w.row("name", "phone")
	w.row("A B", "+77010000001")
	good := w.bytes()
	sheet := func(rows string) []byte { return []byte(strings.Replace(sheetXML, "%", rows, 1)) }
	cell := func(ref, text string) string {
		return `<c r="` + ref + `" t="inlineStr"><is><t>` + text + `</t></is></c>`
	}
	// A part that says it is small: the header's size is a lie.
	liar := rezip(t, good, map[string][]byte{"xl/media/a.bin": bytes.Repeat([]byte{0}, 70<<20)})
	if len(liar) > MaxListBytes {
		t.Fatalf("the bomb has %d bytes", len(liar))
	}
	content := func(from, to string) []byte {
		r, err := zip.NewReader(bytes.NewReader(good), int64(len(good)))
		if err != nil {
			t.Fatal(err)
		}
		f, err := r.Open("[Content_Types].xml")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.ReplaceAll(text, []byte(from), []byte(to))
	}
	wide := func(n int) string {
		last, err := excelize.ColumnNumberToName(n)
		if err != nil {
			t.Fatal(err)
		}
		return `<row r="1">` + cell("A1", "name") + cell(last+"1", "x") + `</row>`
	}
	const part = "xl/worksheets/sheet1.xml"
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"bomb, not XML":    {liar, "too_large"},
		"bomb, XML":        {rezip(t, good, map[string][]byte{part: sheet(strings.Repeat(" ", 33<<20))}), "too_large"},
		"bomb, two parts":  {rezip(t, good, map[string][]byte{"a.bin": make([]byte, 40<<20), "b.bin": make([]byte, 40<<20)}), "too_large"},
		"macros":           {rezip(t, good, map[string][]byte{"xl/vbaProject.bin": []byte("x")}), "macros"},
		"macro type":       {rezip(t, good, map[string][]byte{"[Content_Types].xml": content("spreadsheetml.sheet.main", "sheet.macroEnabled.main")}), "macros"},
		"external links":   {rezip(t, good, map[string][]byte{"xl/externalLinks/externalLink1.xml": []byte("<a/>")}), "external_links"},
		"doctype":          {rezip(t, good, map[string][]byte{part: []byte(`<!DOCTYPE x [<!ENTITY a "b">]>` + string(sheet("")))}), "doctype"},
		"cut-off XML":      {rezip(t, good, map[string][]byte{part: sheet(`<row r="1">` + cell("A1", "name"))}), "broken_file"},
		"cells swapped":    {rezip(t, good, map[string][]byte{part: sheet(`<row r="1">` + cell("B1", "name") + cell("A1", "phone") + `</row>`)}), "broken_file"},
		"rows swapped":     {rezip(t, good, map[string][]byte{part: sheet(`<row r="2">` + cell("A2", "x") + `</row><row r="1">` + cell("A1", "name") + `</row>`)}), "broken_file"},
		"no workbook":      {rezip(t, good, map[string][]byte{"xl/workbook.xml": nil}), "broken_file"},
		"no sheet":         {rezip(t, good, map[string][]byte{part: nil}), "broken_file"},
		"cut-off zip":      {good[:len(good)/2], "broken_file"},
		"too wide":         {rezip(t, good, map[string][]byte{part: sheet(wide(MaxListColumns + 1))}), "too_many_columns"},
		"far too wide":     {rezip(t, good, map[string][]byte{part: sheet(wide(16384))}), "too_many_columns"},
		"row out of range": {rezip(t, good, map[string][]byte{part: sheet(`<row r="1048577">` + cell("A1", "x") + `</row>`)}), "broken_file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadList(c.file, ListOptions{}, listDefaults(t))
			var fe *tracker.FieldError
			if !errors.As(err, &fe) || fe.Code != c.code || fe.Field != "file" {
				t.Errorf("got %v, want %s of the file", err, c.code)
			}
		})
	}
	if l, err := ReadList(good, ListOptions{}, listDefaults(t)); err != nil || len(l.Rows) != 1 {
		t.Errorf("the good one: %v", err)
	}
	left, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		if strings.HasPrefix(e.Name(), "excelize") {
			t.Errorf("%s was left in the temporary directory", e.Name())
		}
	}
}

// TestTooManyRows: one more than fits is refused, as many as fit are read.
func TestTooManyRows(t *testing.T) {
	var b strings.Builder
	b.WriteString("name\n")
	for range MaxListRows {
		b.WriteString("A\n")
	}
	l, err := ReadList([]byte(b.String()), ListOptions{}, listDefaults(t))
	if err != nil || len(l.Rows) != MaxListRows {
		t.Fatalf("as many as fit: %v", err)
	}
	_, err = ReadList([]byte(b.String()+"A\n"), ListOptions{}, listDefaults(t))
	var fe *tracker.FieldError
	if !errors.As(err, &fe) || fe.Code != "too_many_rows" {
		t.Errorf("one more: %v", err)
	}
}

// checkList holds what was read to what a list always is: every row is counted once,
// what is said of people keeps the core's rules, and numbers are right.
func checkList(t *testing.T, l *List) {
	t.Helper()
	if l.Total != len(l.Rows)+l.Refused+l.Doubled {
		t.Errorf("%d rows, but %d good, %d refused, %d doubled", l.Total, len(l.Rows), l.Refused, l.Doubled)
	}
	last := l.HeadingRow
	for _, r := range l.Rows {
		if r.Row <= last {
			t.Errorf("row %d comes after row %d", r.Row, last)
		}
		last = r.Row
		p := *r.Filing.Person
		if err := tracker.CheckPerson(&p); err != nil {
			t.Errorf("row %d was taken, but the core refuses it: %v", r.Row, err)
		}
		d := p.Details
		if d.IIN != "" && !tracker.ValidIIN(d.IIN) {
			t.Errorf("row %d has the IIN %q", r.Row, d.IIN)
		}
		for _, text := range []string{d.Name, d.Latin, r.Filing.Report.Note, r.Filing.Report.Address} {
			if !utf8.ValidString(text) || readable(text) != nil {
				t.Errorf("row %d holds %q", r.Row, text)
			}
		}
		if q := r.Filing.Report.Position; q != nil && !(q.RadiusM > 0 && q.Point[0] >= -180 && q.Point[0] <= 180 && q.Point[1] >= -90 && q.Point[1] <= 90) {
			t.Errorf("row %d is at %v", r.Row, *q)
		}
		if at := r.Filing.Report.FixedAt; at.After(listNow) {
			t.Errorf("row %d speaks of %s", r.Row, at)
		}
	}
	refused := map[int]bool{}
	for _, p := range l.Problems {
		if refused[p.Row] = refused[p.Row] || p.Refused; p.Code == "" {
			t.Errorf("row %d has a problem without a code: %+v", p.Row, p)
		}
	}
	n := 0
	for _, bad := range refused {
		if bad {
			n++
		}
	}
	if n != l.Refused {
		t.Errorf("%d rows have a reason to be refused, %d are", n, l.Refused)
	}
}

// FuzzReadList: no bytes make it panic or break what a list is; reading twice is the same.
func FuzzReadList(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "lists", "*"))
	if err != nil || len(files) == 0 {
		f.Fatal("no files to begin with")
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, false)
		f.Add(b, true)
	}
	f.Add([]byte("sep=;\nимя;iin\n\"a\";\"\"\"b\n\"c"), false)
	f.Add([]byte("name,dob,lat,lon,phone\nA,13MAR85,25.2N,55.3E,8701234567\nB,45000.5,\"25,2\",-181,+\n"), false)
	f.Fuzz(func(t *testing.T, b []byte, closes bool) {
		if len(b) > 64<<10 {
			return
		}
		o := ListOptions{Closes: closes, AsOf: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)}
		l, err := ReadList(b, o, listDefaults(t))
		var fe *tracker.FieldError
		if err != nil {
			if !errors.As(err, &fe) || fe.Code == "" || !strings.HasPrefix(fe.Field, "file") {
				t.Errorf("refused with %v", err)
			}
			return
		}
		checkList(t, l)
		again, err := ReadList(b, o, listDefaults(t))
		if err != nil || again.Total != l.Total || again.Refused != l.Refused || len(again.Problems) != len(l.Problems) {
			t.Errorf("read differently a second time: %v", err)
		}
	})
}

// FuzzHeadings: whatever stands in a heading, a field is given once, unless many may give it.
func FuzzHeadings(f *testing.F) {
	f.Add("ФИО / Full name", "Дата рождения (дд.мм.гггг)", "Телефон 2")
	f.Add("№", "Passport No.:", "тел.моб")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		cells := []string{tidyCell(a), tidyCell(b), tidyCell(c), "ИИН"}
		fields := fieldsOf(cells, map[string]ListField{foldHeading(a): FieldNote})
		seen := map[ListField]bool{}
		for _, x := range fields {
			if _, known := fieldNumber[x]; x != "" && !known {
				t.Errorf("%q means %q", cells, x)
			}
			if x != "" && seen[x] && !many[x] {
				t.Errorf("%q gives %s twice", cells, x)
			}
			seen[x] = true
		}
	})
}
