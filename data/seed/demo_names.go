package seed

import (
	"fmt"
	"strings"
	"time"

	"aman/geo/tracker"
)

var (
	kazakhMen = strings.Fields(`Нұрлан Ерлан Асқар Бауыржан Дәулет Ғани Қайрат Өмірзақ Үсен Жандос Мұрат Серік Талғат
		Әлібек Арман Дінмұхамед Еркебұлан Жәнібек Қуаныш Мейрам Нұрсейіт Олжас Рүстем Санжар Темірлан Шыңғыс Ықылас Іскендір Һамит Абылай`)
	kazakhWomen = strings.Fields(`Айгүл Әсел Ботагөз Гүлнұр Дина Жанар Зарина Қарлығаш Ләззат Мөлдір Назгүл Өрзия Перизат
		Сәуле Тоғжан Ұлжан Шолпан Іңкәр Аружан Баян Гүлмира Дариға Еңлік Жұлдыз Камила Меруерт Нұргүл Раушан Сымбат Үміт`)
	kazakhFathers = strings.Fields(`Нұрлан Ерлан Асқар Дәулет Қайрат Мұрат Серік Талғат Әлібек Жәнібек Қуаныш Мейрам Олжас Санжар
		Өмірзақ Ғабит Бөлек Жұмабек Көшербай Тұрар`)
	// kazakhFamilies take -ов/-ев with -а for women; kazakhPlain stay as they are.
	kazakhFamilies = strings.Fields(`Ахметов Әлиев Байжанов Дүйсенов Ермеков Жақсыбеков Ибраев Қасымов Мұқанов Нұрғалиев Омаров
		Сәрсенов Тілеубаев Үмбетов Шәріпов Ысқақов Ғабдуллин Өтегенов Бекқұлов Досжанов Есенгелдиев Жүнісов Кенжебаев Маратов Сейітов Төлеуов`)
	kazakhPlain = strings.Fields(`Қожахмет Жұмабай Тоқаш Бөкейхан Сәтбай Әуез Мағжан Құнанбай Сүйінбай Жансүгір Ыбырай Төре`)
	russianMen  = strings.Fields(`Александр Сергей Дмитрий Андрей Алексей Павел Виктор Игорь Олег Фёдор Николай Евгений`)
	// russianFathers make patronymics by adding -ович, -овна.
	russianFathers  = strings.Fields(`Александр Виктор Иван Пётр Павел Степан Михаил Роман`)
	russianWomen    = strings.Fields(`Анна Елена Ирина Наталья Ольга Светлана Татьяна Юлия Мария Ксения Дарья Людмила`)
	russianFamilies = strings.Fields(`Иванов Петров Смирнов Кузнецов Попов Соколов Морозов Волков Лебедев Ким Цой Шевченко Вагнер Пак`)
)

// latin is the spelling of passports, letter by letter.
var latin = strings.NewReplacer(
	"Ә", "A", "Ғ", "G", "Қ", "K", "Ң", "N", "Ө", "O", "Ұ", "U", "Ү", "U", "Һ", "H", "І", "I",
	"ә", "a", "ғ", "g", "қ", "k", "ң", "n", "ө", "o", "ұ", "u", "ү", "u", "һ", "h", "і", "i",
	"а", "a", "б", "b", "в", "v", "г", "g", "д", "d", "е", "e", "ё", "yo", "ж", "zh", "з", "z", "и", "i", "й", "y",
	"к", "k", "л", "l", "м", "m", "н", "n", "о", "o", "п", "p", "р", "r", "с", "s", "т", "t", "у", "u", "ф", "f",
	"х", "kh", "ц", "ts", "ч", "ch", "ш", "sh", "щ", "shch", "ъ", "", "ы", "y", "ь", "", "э", "e", "ю", "yu", "я", "ya",
	"А", "A", "Б", "B", "В", "V", "Г", "G", "Д", "D", "Е", "E", "Ё", "Yo", "Ж", "Zh", "З", "Z", "И", "I", "Й", "Y",
	"К", "K", "Л", "L", "М", "M", "Н", "N", "О", "O", "П", "P", "Р", "R", "С", "S", "Т", "T", "У", "U", "Ф", "F",
	"Х", "Kh", "Ц", "Ts", "Ч", "Ch", "Ш", "Sh", "Щ", "Shch", "Ы", "Y", "Э", "E", "Ю", "Yu", "Я", "Ya",
)

// family is what the members of one household share.
type family struct {
	russian bool
	name    string // as a man bears it
	plain   bool   // women bear it alike
}

func (m *demoMaker) family() family {
	f := family{russian: m.chance(0.22)}
	switch {
	case f.russian:
		f.name = one(m.r, russianFamilies)
		f.plain = !strings.HasSuffix(f.name, "в")
	case m.chance(0.3):
		f.name, f.plain = one(m.r, kazakhPlain), true
	default:
		f.name = one(m.r, kazakhFamilies)
	}
	return f
}

// name draws a full name and its passport spelling. father is the given name
// of the father, or empty to draw one.
func (m *demoMaker) name(f family, sex tracker.Sex, father string) (given, full, passport string) {
	last := f.name
	if sex == tracker.Female && !f.plain {
		last += "а"
	}
	var middle string
	switch {
	case f.russian:
		if father == "" {
			father = one(m.r, russianFathers)
		}
		given = one(m.r, russianMen)
		middle = father + "ович"
		if sex == tracker.Female {
			given, middle = one(m.r, russianWomen), father+"овна"
		}
	default:
		if father == "" {
			father = one(m.r, kazakhFathers)
		}
		given, middle = one(m.r, kazakhMen), father+"ұлы"
		if sex == tracker.Female {
			given, middle = one(m.r, kazakhWomen), father+"қызы"
		}
	}
	full = last + " " + given
	if m.chance(0.6) {
		full += " " + middle
	}
	return given, full, strings.ToUpper(latin.Replace(last + " " + given))
}

// demoIIN makes a number with a right check digit that is nobody's: its seventh
// digit, which says century and sex, is a 9, and no such number is given out.
// ok is false where the rule knows no check digit for it.
func demoIIN(birth time.Time, serial int) (iin string, ok bool) {
	s := fmt.Sprintf("%s9%04d", birth.Format("060102"), serial%10_000)
	sum := func(first int) int {
		n := 0
		for i := range 11 {
			n += int(s[i]-'0') * ((i+first)%11 + 1)
		}
		return n % 11
	}
	c := sum(0)
	if c == 10 {
		c = sum(2)
	}
	if c == 10 {
		return "", false
	}
	return s + string(rune('0'+c)), true
}

// demoPhone is a number that no operator can assign: in the plan of +7 no area
// or operator code starts with 0.
func demoPhone(n int) string { return fmt.Sprintf("+7000%07d", n%10_000_000) }

// numbers draws an IIN and a passport that nobody of the demo has.
func (m *demoMaker) numbers(birth time.Time) (iin, passport string) {
	for {
		s, ok := demoIIN(birth, m.r.IntN(10_000))
		if ok && !m.used[s] {
			m.used[s] = true
			iin = s
			break
		}
	}
	for {
		s := fmt.Sprintf("D%08d", m.r.IntN(100_000_000))
		if !m.used[s] {
			m.used[s] = true
			return iin, s
		}
	}
}
