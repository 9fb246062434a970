package intake

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"aman/geo/tracker"
)

// Bounds of a workbook, unpacked: a file of 8 MiB could hold gigabytes.
const (
	maxUnpacked    = 64 << 20
	maxUnpackedXML = 32 << 20
	maxParts       = 2_000
)

// readXLSX reads one sheet of a workbook, the first or the named one. Cells are
// read as they are stored, formulas by the values that were stored with them;
// nothing is computed, and nothing outside of the file is looked at.
func readXLSX(b []byte, sheet string) (*table, error) {
	if err := checkWorkbook(b); err != nil {
		return nil, under("file", err)
	}
	// Whatever is larger than the second limit would go to a temporary file, in the
	// clear: the limits are the same, and checkWorkbook holds XML to less.
	f, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{
		UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked, RawCellValue: true,
	})
	if err != nil {
		return nil, under("file", broken("broken_file", "is not a workbook that can be read"))
	}
	defer func() { _ = f.Close() }() // it holds no file
	t := &table{format: "xlsx", sheets: f.GetSheetList()}
	if len(t.sheets) == 0 {
		return nil, under("file", broken("empty_list", "has no sheets"))
	}
	t.sheet = t.sheets[0]
	if sheet != "" {
		i := slices.IndexFunc(t.sheets, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), strings.TrimSpace(sheet)) })
		if i < 0 {
			return nil, under("options", under("sheet", broken("unknown_sheet", "is not a sheet of the file")))
		}
		t.sheet = t.sheets[i]
	}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		t.date1904 = *props.Date1904
	}
	rows, err := f.Rows(t.sheet)
	if err != nil {
		return nil, under("file", broken("broken_file", "has a sheet that can't be read"))
	}
	defer func() { _ = rows.Close() }()
	for n := 1; rows.Next(); n++ {
		hidden := rows.GetRowOpts().Hidden
		cells, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, under("file", broken("broken_file", "has a sheet that can't be read"))
		}
		if err := t.add(n, hidden, cells); err != nil {
			return nil, err
		}
	}
	if rows.Error() != nil {
		return nil, under("file", broken("broken_file", "has a sheet that can't be read"))
	}
	return t, nil
}

// checkWorkbook refuses what a list doesn't need and what could hurt, before the
// library sees the file: bombs, macros, links to other files, document type
// declarations. It also makes sure that the XML is whole: the library reads as far
// as it can and says nothing. Errors are FieldErrors without a path.
func checkWorkbook(b []byte) error {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return broken("broken_file", "is not a whole .xlsx file")
	}
	if len(z.File) > maxParts {
		return broken("too_large", "has more than 2000 parts")
	}
	var declared uint64
	for _, part := range z.File {
		name := strings.ToLower(strings.ReplaceAll(part.Name, `\`, "/"))
		switch {
		case strings.HasSuffix(name, "vbaproject.bin") || strings.HasPrefix(name, "xl/macrosheets/"):
			return broken("macros", "has macros; save it as .xlsx without them")
		case strings.Contains(name, "externallinks/"):
			return broken("external_links", "takes values from other files; save a copy with the values alone")
		}
		if declared += part.UncompressedSize64; declared > maxUnpacked || part.UncompressedSize64 > maxUnpacked {
			return broken("too_large", "unpacks to more than 64 MiB")
		}
	}
	total := int64(0)
	workbook := false
	for _, part := range z.File {
		name := strings.ToLower(strings.ReplaceAll(part.Name, `\`, "/"))
		workbook = workbook || name == "xl/workbook.xml"
		n, err := checkPart(part, name, maxUnpacked-total)
		if err != nil {
			return err
		}
		total += n
	}
	if !workbook {
		return broken("broken_file", "is a zip file, but not a workbook")
	}
	return nil
}

var errTooMuch = errors.New("more than the limit")

// checkPart unpacks one part, which may have left bytes, and checks XML for being whole.
func checkPart(part *zip.File, name string, left int64) (n int64, err error) {
	r, err := part.Open()
	if err != nil {
		return 0, broken("broken_file", "has a part that can't be unpacked")
	}
	defer func() { _ = r.Close() }() // only read
	isXML := strings.HasSuffix(name, ".xml") || strings.HasSuffix(name, ".rels")
	if isXML {
		left = min(left, maxUnpackedXML)
	}
	counted := &bounded{r: r, left: left}
	if isXML {
		err = checkXML(counted, strings.HasPrefix(name, "xl/worksheets/"), name == "[content_types].xml")
	}
	if err == nil {
		_, err = io.Copy(io.Discard, counted)
	}
	var fe *tracker.FieldError
	switch {
	case err == nil:
		return left - counted.left, nil
	case errors.As(err, &fe):
		return 0, fe
	case errors.Is(err, errTooMuch):
		return 0, broken("too_large", "unpacks to more than 64 MiB, or 32 MiB in one part")
	default:
		return 0, broken("broken_file", "has a part that is cut off or mistaken")
	}
}

// bounded fails with errTooMuch after left bytes.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		// The end may lie exactly here.
		var one [1]byte
		if n, err := b.r.Read(one[:]); n > 0 {
			return 0, errTooMuch
		} else if err != nil {
			return 0, err
		}
		return 0, nil
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// checkXML reads a part to its end. In a sheet, cells and rows must be in order:
// the library counts on it, and would put values under other headings.
func checkXML(r io.Reader, sheet, types bool) error {
	d := xml.NewDecoder(r)
	row, column := 0, 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch x := token.(type) {
		case xml.Directive:
			return broken("doctype", "declares a document type, which no workbook does")
		case xml.StartElement:
			if types && strings.Contains(attribute(x, "ContentType"), "macroEnabled") {
				return broken("macros", "has macros; save it as .xlsx without them")
			}
			if !sheet {
				continue
			}
			switch x.Name.Local {
			case "row":
				n, ok := rowNumber(attribute(x, "r"))
				if column = 0; !ok || n != 0 && n <= row {
					return broken("broken_file", "has rows that are out of order")
				}
				row = max(n, row+1)
			case "c":
				ref := attribute(x, "r")
				n := column + 1
				if ref != "" {
					if n, _, err = excelize.CellNameToCoordinates(ref); err != nil || n <= column {
						return broken("broken_file", "has cells that are out of order")
					}
				}
				column = n
			}
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// rowNumber reads a row's number; an empty text is 0, the next row.
func rowNumber(s string) (n int, ok bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n = n*10 + int(c-'0'); n > excelize.TotalRows {
			return 0, false
		}
	}
	return n, s == "" || n > 0
}
