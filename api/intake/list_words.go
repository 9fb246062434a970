package intake

import (
	"strings"

	"aman/geo/tracker"
)

// listStatus is what a status in a list means: how somebody is, what they are about to
// do, or that they weren't reached.
type listStatus struct {
	wellbeing tracker.Wellbeing
	intention tracker.Intention
	contact   tracker.Contact
}

// listStatuses are how lists say it. Whatever raises concern wins where a cell says
// two things ("выехал, ранен").
var listStatuses = foldedWords(map[listStatus]string{
	{wellbeing: tracker.Safe}: `в безопасности, безопасно, безопасен, в порядке, все в порядке, норма, нормально, хорошо, жив, жива, здоров, здорова, благополучно, ок,
		қауіпсіз, қауіпсіз жерде, жақсы, бәрі жақсы, аман, аман есен, сау, амансау, дұрыс,
		safe, ok, okay, fine, well, good, is safe, safe and well, unharmed, alive, healthy`,
	{wellbeing: tracker.NeedsHelp}: `нужна помощь, нуждается в помощи, требуется помощь, помощь, нужна эвакуация, требуется эвакуация, просит о помощи, срочно, sos,
		нуждается в эвакуации, просит помощи, застрял, застряла, застряли, нет денег, нет лекарств,
		көмек керек, көмек қажет, көмекке мұқтаж, эвакуация қажет, эвакуация керек, шұғыл,
		needs help, need help, help, help needed, needs assistance, need assistance, assistance required, in danger, emergency, needs evacuation,
		evacuation required, stranded, distress`,
	{wellbeing: tracker.Injured}: `ранен, ранена, травмирован, травмирована, пострадал, пострадала, травма, в больнице, госпитализирован, госпитализирована, ранение,
		жараланған, жарақат алған, жарақаттанған, ауруханада, зардап шеккен, жаралы,
		injured, wounded, hurt, hospitalized, hospitalised, in hospital, casualty`,
	{wellbeing: tracker.Deceased}: `погиб, погибла, умер, умерла, скончался, скончалась, смерть, погибший, летальный исход,
		қайтыс болды, қаза тапты, қайтыс болған, қаза болды, қаза болған, өлген,
		deceased, dead, died, killed, fatality, death`,
	{wellbeing: tracker.WellbeingUnknown}: `неизвестно, не известно, статус неизвестен, нет данных, нет сведений, нет информации, пропал, пропала, розыск, в розыске,
		белгісіз, мәлімет жоқ, дерек жоқ, хабарсыз,
		unknown, not known, no information, missing, no data, tbc`,
	{contact: tracker.NoAnswer}: `нет связи, не отвечает, связи нет, не выходит на связь, без связи, недоступен, недоступна, не дозвонились,
		байланыс жоқ, жауап бермейді, байланысқа шықпады, қол жетімсіз,
		no contact, no answer, not reachable, unreachable, not responding, no response, out of contact`,
	{contact: tracker.Reached}: `на связи, связь есть, отвечает, дозвонились, связались, есть связь,
		байланыста, байланыс бар, жауап берді, хабарласты, reached, in contact, contacted, reachable, responding`,
	{intention: tracker.Left}: `выехал, выехала, выехали, покинул, покинула, покинул страну, убыл, убыла, вылетел, вылетела, эвакуирован, эвакуирована, уехал, уехала,
		пересек границу, пересекла границу, выезд, убытие, улетел, улетела, эвакуированы,
		кетті, шықты, елден шықты, ұшып кетті, эвакуацияланды, шекарадан өтті, кеткен, шыққан, шекарадан шықты,
		left, departed, exited, evacuated, has left, left the country, flown out, gone, crossed the border, exit, out, boarded`,
	{intention: tracker.Home}: `дома, вернулся, вернулась, вернулись, прибыл в казахстан, прибыла в казахстан, в казахстане, вернулся домой, возвращен, вернулся в рк, в рк,
		прибыл в рк, вернулась домой, на родине,
		үйде, қайтты, оралды, елге оралды, үйіне жетті, қазақстанда, келді, елге қайтты, отанында,
		home, returned, back home, returned home, at home, in kazakhstan, arrived home, repatriated, back in kazakhstan`,
	{intention: tracker.Leaving}: `выезжает, в пути, вылетает, едет, следует, следует к границе, на пути, уезжает, в дороге, летит,
		жолда, кетіп жатыр, шығып жатыр, ұшып жатыр, кетіп барады, шекараға қарай,
		leaving, departing, on the way, en route, travelling, traveling, in transit, on way, moving out, check in done`,
	{intention: tracker.WantsOut}: `хочет выехать, желает выехать, намерен выехать, намерена выехать, хочет уехать, желает вернуться, планирует выезд, ожидает эвакуации,
		хочет вернуться, ждет вылета, ожидает вылета, ожидает выезда,
		кеткісі келеді, шыққысы келеді, қайтқысы келеді, эвакуацияны күтуде, оралғысы келеді,
		wants to leave, wants out, wants to return, wishes to leave, waiting for evacuation, plans to leave, wishes to return, awaiting evacuation,
		awaiting flight, wants evacuation`,
	{intention: tracker.Stays}: `остается, остаются, не желает выезжать, не выезжает, отказ от эвакуации, отказался, отказалась, остался, осталась, проживает, не планирует выезд,
		не хочет выезжать, пмж,
		қалады, қалғысы келеді, бас тартты, кеткісі келмейді, тұрады, эвакуациядан бас тартты,
		stays, staying, remains, remaining, will stay, wants to stay, declined evacuation, refused, resident, not leaving`,
	{intention: tracker.NeverThere}: `не выезжал, не выезжала, не был, не была, не вылетел, не вылетела, тур отменен, не находился, отменен, не прибыл, не въезжал,
		бармаған, ұшпады, тур тоқтатылды, болмаған, келмеген, барған жоқ,
		never there, no show, noshow, did not travel, cancelled, canceled, not travelled, trip cancelled, did not fly, never arrived, not onboard`,
})

// foldedWords turns the tables of words into maps from a folded word to what it means.
func foldedWords[K comparable](table map[K]string) map[string]K {
	m := map[string]K{}
	for k, text := range table {
		for w := range strings.SplitSeq(text, ",") {
			if f := foldHeading(w); f != "" {
				m[f] = k
			}
		}
	}
	return m
}

// listStatusOf reads a status as a whole, or part by part ("в безопасности; остаётся").
func listStatusOf(text string) (s listStatus, ok bool) {
	if s, ok = listStatuses[foldHeading(text)]; ok {
		return s, true
	}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;/|+.()", r) }) {
		f := foldHeading(part)
		if f == "" {
			continue
		}
		x, known := listStatuses[f]
		if !known {
			return listStatus{}, false
		}
		s.wellbeing, s.contact = graver(s.wellbeing, x.wellbeing), max(s.contact, x.contact)
		if x.intention != 0 {
			if s.intention != 0 && s.intention != x.intention {
				return listStatus{}, false // "left" and "stays": one of them, and who knows which
			}
			s.intention = x.intention
		}
		ok = true
	}
	return s, ok
}

// graver is what raises more concern; the numbers rise with it, but that nobody
// knows is graver than safe.
func graver(a, b tracker.Wellbeing) tracker.Wellbeing {
	if min(a, b) == tracker.WellbeingUnknown && max(a, b) == tracker.Safe {
		return tracker.WellbeingUnknown
	}
	return max(a, b)
}

var sexes = foldedWords(map[tracker.Sex]string{
	tracker.Male:   `м, муж, мужской, мужчина, мальчик, ер, еркек, ұл, е, m, male, man, boy, mr, mstr, г н, господин, chd m, inf m`,
	tracker.Female: `ж, жен, женский, женщина, девочка, әйел, қыз, ә, f, female, woman, girl, mrs, ms, miss, mss, г жа, госпожа, w, chd f, inf f`,
})

// blanks are how people fill a cell that has nothing to say.
var blanks = wordSet(`нет отсутствует жоқ no none null na nil nan бн нд б/н н/д n/a - -- --- — – _ . .. ... / \ * ? x х 0000-00-00 #n/a`)

func isBlank(s string) bool { return s == "" || blanks[strings.ToLower(s)] }

// sums begin rows that add up others.
var sums = wordSet(`итого всего total sum жиыны барлығы барлығы: итого: всего: total: жиыны: grand`)

// isSum tells rows like "Итого: 25" or "Total | | 25": few cells, the first of
// which that says anything begins with such a word.
func isSum(cells []string) bool {
	filled, first := 0, ""
	for _, c := range cells {
		if c == "" {
			continue
		}
		if filled++; filled == 1 {
			first = c
		}
	}
	word, rest, _ := strings.Cut(strings.ToLower(first), " ")
	if filled == 0 || filled > 3 || !sums[word] {
		return false
	}
	// "Всего" alone, or with digits and words of counting; a name is no sum.
	return len(strings.Fields(rest)) <= 3
}

// cityNames are places of the region as Russian and Kazakh lists write them, by
// the names of the gazetteer, where letters alone don't lead there.
var cityNames = foldedWords(map[string]string{
	"Dubai": "дубай, г дубай, дубаи, dxb city, дубай оаэ", "Abu Dhabi": "абу даби, абудаби, әбу даби, әбудаби, абу дави",
	"Sharjah": "шарджа, шаржа", "Ras Al Khaimah City": "рас эль хайма, рас аль хайма, ras al khaimah, рас ал хайма", "Ajman City": "аджман, ajman",
	"Al Fujairah City": "фуджейра, фуджайра, fujairah", "Doha": "доха, катар доха", "Manama": "манама", "Kuwait City": "эль кувейт, кувейт сити, кувейт",
	"Muscat": "маскат", "Riyadh": "эр рияд, рияд, эр риад", "Jeddah": "джидда, жидда", "Mecca": "мекка, меке, makkah", "Medina": "медина, мәдина, madinah",
	"Dammam": "даммам", "Tehran": "тегеран, теһран", "Isfahan": "исфахан", "Shiraz": "шираз", "Mashhad": "мешхед", "Tabriz": "тебриз",
	"Baghdad": "багдад, бағдад", "Erbil": "эрбиль", "Basrah": "басра, basra", "Tel Aviv": "тель авив, телль авив", "Jerusalem": "иерусалим",
	"Haifa": "хайфа", "Eilat": "эйлат", "Beirut": "бейрут", "Damascus": "дамаск, димашқ", "Amman": "амман", "Aqaba": "акаба", "Cairo": "каир",
	"Sharm el-Sheikh": "шарм эль шейх, шарм, шарм аш шейх", "Hurghada": "хургада", "Istanbul": "стамбул, ыстамбұл, ыстанбұл",
	"Ankara": "анкара", "Antalya": "анталья, анталия", "Alanya": "аланья, алания", "Bodrum": "бодрум", "Baku": "баку", "Tashkent": "ташкент, ташкен",
})

// countryNames are names of countries beside those that the atlas has.
var countryNames = foldedWords(map[string]string{
	"KZ": "казахстан, республика казахстан, рк, kaz, қр, қазақстан республикасы, kazakhstani, kazakh, kazakstan, republic of kazakhstan, казахстанец",
	"AE": "оаэ, uae, are, эмираты, united arab emirates, бае, баә, біріккен араб әмірліктері, emirates, арабские эмираты, дубай оаэ",
	"QA": "qat, катар", "SA": "ksa, sau, саудовская аравия, сауд арабиясы, saudi", "KW": "kwt, кувейт", "BH": "bhr, бахрейн", "OM": "omn, оман",
	"IR": "irn, иран", "IQ": "irq, ирак", "IL": "isr, израиль", "JO": "jor, иордания", "LB": "lbn, ливан", "SY": "syr, сирия", "EG": "egy, египет, мысыр",
	"TR": "tur, турция, түркия, turkey, turkiye", "RU": "rus, россия, рф, российская федерация, ресей, russian", "UZ": "uzb, узбекистан, өзбекстан",
	"KG": "kgz, кыргызстан, киргизия, қырғызстан", "TJ": "tjk, таджикистан", "TM": "tkm, туркменистан", "AZ": "aze, азербайджан", "GE": "geo, грузия",
	"AM": "arm, армения", "CN": "chn, китай, қытай", "IN": "ind, индия", "PK": "pak, пакистан", "US": "usa, сша, ақш", "GB": "gbr, uk, великобритания, англия",
	"DE": "deu, германия", "UA": "ukr, украина", "BY": "blr, беларусь, белоруссия", "YE": "yem, йемен", "CY": "cyp, кипр", "GR": "grc, греция",
	"PS": "pse, палестина", "AF": "afg, афганистан", "TH": "tha, таиланд, тайланд", "MY": "mys, малайзия", "KR": "kor, корея", "JP": "jpn, япония",
})

// stateless are ways to say that somebody has no citizenship.
var stateless = wordSet(`лбг бг stateless апатрид азаматтығыжоқ безгражданства xxa`)

// atlas finds countries by name.
type atlas struct{ codes map[string]string }

func newAtlas(w *tracker.World) *atlas {
	a := &atlas{codes: map[string]string{}}
	for _, code := range w.CountryCodes() {
		c, _ := w.Country(code)
		for _, n := range []string{code, c.Names.KK, c.Names.RU, c.Names.EN} {
			if f := foldHeading(n); f != "" {
				a.codes[f] = code
			}
		}
	}
	for name, code := range countryNames {
		if _, ok := w.Country(code); ok {
			a.codes[name] = code
		}
	}
	return a
}

// country reads a code or a name in one of three languages.
func (a *atlas) country(s string) (code string, ok bool) {
	code, ok = a.codes[foldHeading(s)]
	return code, ok
}
