package names_test

import (
	"strings"
	"testing"

	"aman/geo/tracker/names"
)

// families are spellings of one name, as seen on papers, in messengers and on
// lists. The oracle is usage: passports, the standards of PAIRS.md, and how
// neighbours spell by ear.
var families = []string{
	"Шыңғыс Chingiz Shyngys Shingis Чингиз Шынгыс Şyñğys Shynghys Çingiz",
	"Үсенов Ussenov Usenov Усенов Ousenov Üsenov Ussenova Усенова",
	"Қайрат Kairat Qairat Kayrat Кайрат Qayrat",
	"Жұмабаев Zhumabayev Jumabaev Dzhumabaev Жумабаев Zhumabaev Jūmabaev Cumabayev Dschumabajew",
	"Әлия Aliya Alia Алия Aliia Älia Alija",
	"Ғалым Galym Ghalym Galim Галым Ğalym",
	"Хасен Khassen Hasen Хасен Khasen Xasen",
	"Юсуф Yusuf Iusuf Jusuf Yussuf Yousouf",
	"Дәулет Daulet Davlet Dawlet Даулет Däulet",
	"Бауыржан Baurzhan Bauyrzhan Baurjan Bauirzhan Бауржан",
	"Нұрсұлтан Nursultan Нурсултан Noursoultan Nūrsūltan",
	"Ерлан Yerlan Erlan Ierlan Jerlan",
	"Еркін Yerkin Erkin Еркин Jerkin",
	"Жанат Zhanat Janat Dzhanat Джанат Canat Žanat",
	"Әйгерім Aigerim Aygerim Айгерим Ajgerim Äigerım",
	"Гүлнар Gulnar Гульнар Goulnar Gülnar Gulnara",
	"Гауһар Gauhar Gaukhar Gawhar Гаухар",
	"Мұхтар Mukhtar Muhtar Muxtar Мухтар Moukhtar",
	"Мұхаммед Muhammad Mohammed Muhammed Мухаммад Muxammed Mukhammed",
	"Қуаныш Kuanysh Quanysh Kuanish Куаныш Quanyş",
	"Жақсылық Zhaksylyk Jaqsylyq Jaksylyk Жаксылык Zhaqsylyq",
	"Сүлейменов Suleimenov Suleymenov Сулейменов Souleimenov Süleimenov",
	"Нұрғали Nurgali Nurghali Nurgaly Нургали Nūrğali",
	"Ыдырыс Ydyrys Idiris Идрис Idris Ydyris",
	"Ескендір Eskendir Yeskendir Искендер Eskender",
	"Зейнеп Zeinep Zeynep Зейнеп Zeineb",
	"Хадиша Khadisha Hadisha Қадиша Kadisha Xadisha",
	"Фатима Fatima Fatimah Фатима Patima",
	"Шәкәрім Shakarim Shakerim Шакарим Şäkärım Chakarim",
	"Төлеген Tolegen Tulegen Толеген Töleghen",
	"Өмірзақ Omirzak Umirzak Омирзак Ömirzaq",
	"Мөлдір Moldir Молдир Möldir Moldyr",
	"Салтанат Saltanat Салтанат Saltanath",
	"Раушан Raushan Rawshan Равшан Ravshan",
	"Сәуле Saule Sawle Сауле Säule Saoule",
	"Оңғарбаев Ongarbayev Ongarbaev Онгарбаев Ongharbaev Oñğarbaev",
	"Меңлібаев Menlibayev Menlibaev Менлибаев",
	"Тоқаев Tokayev Tokaev Toqaev Токаев Tokajew",
	"Назарбаев Nazarbayev Nazarbaev Назарбаев Nasarbajew",
	"Әбдірахманов Abdirakhmanov Abdirahmanov Абдирахманов Abdyrakhmanov",
	"Ғабдуллин Gabdullin Ghabdullin Габдуллин Gabdulin",
	"Қонаев Konayev Kunaev Qonaev Кунаев Kunayev",
	"Сәтбаев Satbayev Satpaev Satbaev Сатпаев Сатбаев",
	"Құдайберген Kudaibergen Qudaibergen Kudaybergen Кудайберген",
	"Тасмағамбетов Tasmagambetov Tasmaghambetov Тасмагамбетов",
	"Өтепов Otepov Utepov Утепов Ötepov",
	"Жансүгіров Zhansugirov Jansugurov Жансугуров Zhansugurov",
	"Иванов Ivanov Ivanoff Iwanow Ivanova Иванова",
	"Юрий Yuri Yuriy Iurii Yury Juri Jurij",
	"Сергей Sergey Sergei Serguei Sergej",
	"Алексей Alexey Aleksei Aleksey Alexei Aleksej",
	"Александр Alexander Aleksandr Aleksander Alexandr",
	"Дмитрий Dmitry Dmitriy Dmitrii Dmitri Dimitri",
	"Наталья Natalia Natalya Nataliya Наталия Natalja",
	"Татьяна Tatiana Tatyana Tatjana",
	"Ксения Xenia Kseniya Ksenia Kseniia",
	"Виктор Victor Viktor Wiktor",
	"Екатерина Ekaterina Yekaterina Iekaterina Jekaterina",
	"Фёдор Fyodor Fedor Федор Fjodor",
	"Ёлкин Yolkin Elkin Елкин Jolkin",
	"Щербаков Shcherbakov Scherbakov Sherbakov Schtscherbakow",
	"Чернышёв Chernyshev Chernyshov Tschernyschew Чернышев",
	"Цветков Tsvetkov Cvetkov Czvetkov Zwetkow",
	"Хамраев Khamrayev Hamraev Xamraev Hamrayev",
	"Ходжаев Khodzhaev Khodjaev Hodjayev Hojaev",
	"Шухрат Shukhrat Shuhrat Shuxrat Chouhrat",
	"Иброхим Ibrokhim Ibrohim Ибрахим Ibrahim",
	"Цой Tsoy Tsoi Choi Zoi",
	"Хегай Khegai Hegay Khegay Hegai",
	"Югай Yugay Yugai Iugai Jugaj",
	"Шмидт Schmidt Shmidt Schmitt",
	"Мюллер Müller Mueller Muller Myuller",
	"Вагнер Wagner Vagner",
	"Шульц Schulz Shults Schultz",
	"Генрих Genrikh Heinrich Genrih",
	"Исхақ Iskhak Ishak Исхак Isxak",
	"Болатұлы Bolatuly Bolatovich Болатович Bolatūly",
	"Нұрланқызы Nurlankyzy Нурлановна Nurlanovna Nurlanqyzy Nurlankysy",
}

func TestFamilies(t *testing.T) {
	if len(families) < 60 {
		t.Fatalf("%d families", len(families))
	}
	for _, f := range families {
		words := strings.Fields(f)
		t.Run(words[0], func(t *testing.T) {
			for _, stored := range words {
				searchable := names.Searchable("Сәрсенбеков "+stored, "+77011234567")
				var x names.Index
				x.Add(7, names.Prepare(&names.Identity{Name: "Сәрсенбеков " + stored}))
				x.Add(8, names.Prepare(&names.Identity{Name: "Сәрсенбеков Тұрар"}))
				for _, asked := range words {
					if q := names.NewQuery(asked); !q.Match(searchable) {
						t.Errorf("the search for %q doesn't find %q (%q)", asked, stored, searchable)
					}
					p := names.Prepare(&names.Identity{Name: asked + " Sarsenbekov"})
					if s := x.Suggest(p, 5); len(s) == 0 || s[0].ID != 7 {
						t.Errorf("%q isn't suggested for %q: %v", stored, asked, s)
					}
				}
			}
		})
	}
}

// TestOthers: what differs to a Kazakh ear differs to the search and to the score.
func TestOthers(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"Айгүл", "Айнұр"},
		{"Қайрат", "Қанат"},
		{"Ерлан", "Нұрлан"},
		{"Ахметов", "Ахматуллин"},
		{"Жанар", "Жанат"},
		{"Динара", "Сабина"},
		{"Асқар", "Сәкен"},
		{"Цой", "Ким"},
		{"Иванов", "Павлов"},
		{"Rustam", "Рустамович"},
		{"Серік", "Берік"},
	} {
		t.Run(c.a+" "+c.b, func(t *testing.T) {
			if q := names.NewQuery(c.a); q.Match(names.Searchable(c.b)) && !strings.Contains(names.Fold(c.b), names.Fold(c.a)) {
				t.Errorf("the search for %q finds %q", c.a, c.b)
			}
			a := names.Prepare(&names.Identity{Name: c.a + " Сәрсенбеков"})
			b := names.Prepare(&names.Identity{Name: c.b + " Сәрсенбеков"})
			if score, why := names.Score(a, b); score >= 0.5 {
				t.Errorf("score %.2f, %v", score, why.Words())
			}
		})
	}
}
