package intake

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
)

// update makes the files of testdata/lists anew: go test ./api/intake -run ListFiles -update.
var update = flag.Bool("update", false, "write the files that tests read")

// The lists that tests read, as those who send them make them. Everybody in them is
// invented; the numbers have right check digits and belong to nobody.
var listFiles = map[string]func(t testing.TB) []byte{
	"embassy-ru.xlsx":      embassyList,
	"airline-manifest.csv": airlineList,
	"tour-1251.csv":        tourList,
	"border-closing.xlsx":  borderList,
	"kazakh-utf16.csv":     kazakhList,
}

// TestListFiles: the committed files are there; with -update it writes them.
func TestListFiles(t *testing.T) {
	for name, make := range listFiles {
		path := filepath.Join("testdata", "lists", name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, make(t), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

// workbook is a file with one sheet; a row's cells are written as they are typed.
type workbook struct {
	t    testing.TB
	f    *excelize.File
	rows int
}

func newWorkbook(t testing.TB, sheet string) *workbook {
	w := &workbook{t: t, f: excelize.NewFile()}
	w.check(w.f.SetSheetName("Sheet1", sheet))
	return w
}

func (w *workbook) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *workbook) row(cells ...any) int {
	w.t.Helper()
	w.rows++
	at, err := excelize.CoordinatesToCellName(1, w.rows)
	w.check(err)
	w.check(w.f.SetSheetRow(w.f.GetSheetName(0), at, &cells))
	return w.rows
}

func (w *workbook) bytes() []byte {
	w.t.Helper()
	var out bytes.Buffer
	w.check(w.f.Write(&out))
	return out.Bytes()
}

// embassyList has a title over its headings, numbers for phones and IINs (one of
// them without its leading zero), serial dates, a hidden row and a sum.
func embassyList(t testing.TB) []byte {
	w := newWorkbook(t, "Граждане РК")
	w.row("Список граждан Республики Казахстан, обратившихся в Посольство")
	w.check(w.f.MergeCell("Граждане РК", "A1", "J1"))
	w.row("по состоянию на 28.02.2026")
	w.row()
	w.row("№ п/п", "Ф.И.О.", "Дата рождения", "ИИН", "№ паспорта", "Контактный телефон", "Город", "Статус", "Кол-во чел.", "Примечание", "Ответственный")
	w.row(1, "Үсенов Шыңғыс Әлиұлы", 31048, 850101300015, "N12345678", 77012345678, "Дубай", "в безопасности", 1, "", "Ким")
	w.row(2, "Қасымова Әйгерім Нұрланқызы", "15.03.2004", 40315600019, "N 23456789", "8 (701) 765-43-21", "Абу-Даби", "нужна помощь", 3, "инсулин", "Ким")
	hidden := w.row(3, "Петров Иван", 33000, "", "N34567890", "+971 50 123 4567; рабочий", "г. Шарджа", "выехал", 1, "", "Ли")
	w.check(w.f.SetRowVisible("Граждане РК", hidden, false))
	w.row(4, "Ким Виктория", "1990-05-05", "", "", "", "Село Неизвестное", "ждёт", 1, "", "Ли")
	w.row("Итого:", 4)
	return w.bytes()
}

// airlineList is a manifest: UTF-8 with its mark, dates like 12MAR85, one booking for
// two, and columns that nobody asked for.
func airlineList(testing.TB) []byte {
	return []byte("\ufeff" + strings.Join([]string{
		"SEQ,SURNAME,GIVEN NAME,TITLE,DOB,NATIONALITY,DOC NO,DOC EXPIRY,PNR,FLIGHT,IATA,SEAT",
		`1,USSENOV,SHYNGYS,MR,01JAN85,KAZ,N12345678,31DEC30,ABC123,KC898,DXB,12A`,
		`2,"USSENOVA, JR",AIGUL,MRS,12MAR87,KAZ,N22222222,31DEC30,ABC123,KC898,DXB,12B`,
		`3,IVANOV,PETR,MR,02FEB70,RUS,651234567,15JUN27,XYZ789,KC898,DXB,14C`,
	}, "\r\n") + "\r\n")
}

// tourList is a tour operator's: Windows Cyrillic, semicolons, line ends in quotes.
func tourList(t testing.TB) []byte {
	text := strings.Join([]string{
		"Заявка;Фамилия;Имя;Отчество;Дата рождения;Паспорт;Срок действия;Телефон;Страна;Отель;Дата заезда;Дата выезда",
		`T-100;Сериков;Нурлан;Ахметович;05.06.1979;N55555555;01.01.2029;87771112233;ОАЭ;"Отель ""Звезда""` + "\n" + `Дубай";20.02.2026;05.03.2026`,
		`T-100;Серикова;Гульнара;;07.08.1981;N55555556;01.01.2029;8.7771112233E+10;ОАЭ;Отель;20.02.2026;05.03.2026`,
		`T-101;Сериков;Нурлан;Ахметович;05.06.1979;N55555555;;;ОАЭ;Отель;20.02.2026;05.03.2026`,
		`T-102;Тлеуова;Дана;;31.12.1999;N66666666;;7.777E+10;ОАЭ;Отель;01.04.2026;10.04.2026`,
	}, "\r\n")
	out, err := charmap.Windows1251.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// borderList says who has left, on a machine whose days begin in 1904.
func borderList(t testing.TB) []byte {
	w := newWorkbook(t, "Выезд")
	on := true
	w.check(w.f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &on}))
	w.row("ИИН", "ФИО", "Дата рождения", "Номер документа", "Дата пересечения границы")
	w.row("850101300015", "ҮСЕНОВ ШЫҢҒЫС", "01.01.1985", "N12345678", 44619.5) // 2026-02-28 12:00 since 1904
	w.row("", "ПЕТРОВ ИВАН", "07.05.1990", "N34567890", "28.02.2026")
	w.row("", "НИКТО НЕЗНАЕТ", "01.01.1970", "N99999999", "28.02.2026")
	return w.bytes()
}

// kazakhList has Kazakh headings, in UTF-16 as spreadsheets save "Unicode text".
func kazakhList(testing.TB) []byte {
	text := strings.Join([]string{
		"Аты-жөні\tТуған күні\tЖСН\tЖынысы\tАзаматтығы\tҰялы телефоны\tЕлі\tҚаласы\tЖағдайы\tЕскерту",
		"Әбілқасым Ғалым\t1 қаңтар 1985 ж.\t850101300015\tЕ\tҚазақстан\t87012345678\tБАӘ\tДубай\tқауіпсіз\tҢҺҰҮІ",
	}, "\r\n")
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}
