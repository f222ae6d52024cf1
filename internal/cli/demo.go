package cli

import "pazpaz/internal/model"

// demoEmail is who signs in to the demo practice.
const demoEmail = "demo@example.com"

// demoClient is one person of the demo practice.
type demoClient struct {
	first, last, phone, email, birth, history, notes string
	tags                                             []model.Text
}

// demoClients are invented people, in Hebrew and in English, some with little
// and some with much written about them.
func demoClients() []demoClient {
	return []demoClient{
		{"נועה", "לוי", "050-555-0101", "noa.levi@example.com", "1988-03-14", "כאבי גב תחתון לאחר לידה", "מעדיפה שעות בוקר", []model.Text{"פיזיותרפיה"}},
		{"דניאל", "כהן", "052-555-0102", "daniel.cohen@example.com", "1975-11-02", "פריצת דיסק L4-L5", "", []model.Text{"פיזיותרפיה", "ביטוח"}},
		{"מאיה", "פרץ", "054-555-0103", "maya.peretz@example.com", "1992-07-21", "", "מגיעה עם כלב נחייה", []model.Text{"עיסוי"}},
		{"תמר", "מזרחי", "050-555-0104", "", "1969-01-30", "יתר לחץ דם, מאוזן בתרופות", "", nil},
		{"יונתן", "פרידמן", "053-555-0105", "yonatan.f@example.com", "2001-05-09", "נקע בקרסול ימין", "רץ מרתון", []model.Text{"ספורט"}},
		{"שירה", "אזולאי", "058-555-0106", "shira.azulay@example.com", "1995-12-12", "", "", []model.Text{"פסיכותרפיה"}},
		{"איתן", "ביטון", "050-555-0107", "", "1983-09-18", "כתף קפואה", "", []model.Text{"פיזיותרפיה"}},
		{"ליאור", "דהן", "052-555-0108", "lior.dahan@example.com", "", "", "לתאם רק בטלפון", nil},
		{"מיכל", "אברהם", "054-555-0109", "michal.a@example.com", "1979-04-25", "מיגרנות", "", []model.Text{"עיסוי"}},
		{"עומר", "כץ", "050-555-0110", "omer.katz@example.com", "1998-08-03", "", "", []model.Text{"ספורט"}},
		{"רבקה", "בן־דוד", "03-555-0111", "", "1951-02-17", "אוסטאופורוזיס", "מלווה על ידי הבת", []model.Text{"גיל שלישי"}},
		{"אברהם", "גולדשטיין", "02-555-0112", "a.goldstein@example.com", "1947-10-06", "החלפת ברך שמאל 2024", "", []model.Text{"גיל שלישי", "שיקום"}},
		{"יעל", "שפירא", "052-555-0113", "yael.shapira@example.com", "1990-06-29", "", "", []model.Text{"פסיכותרפיה"}},
		{"גיל", "רוזנברג", "054-555-0114", "", "1986-01-11", "דלקת מרפק טניס", "", []model.Text{"ספורט"}},
		{"הדס", "נחום", "050-555-0115", "hadas.nahum@example.com", "2004-03-23", "", "סטודנטית, תעריף מוזל", nil},
		{"Emma", "Clarke", "+44 20 7946 0116", "emma.clarke@example.com", "1984-05-16", "Whiplash after a car accident, 2025", "", []model.Text{"physio"}},
		{"James", "O'Connor", "+353 1 555 0117", "james.oconnor@example.com", "1972-12-01", "Chronic neck pain", "Prefers late afternoons", []model.Text{"massage"}},
		{"Sofia", "Martínez", "+34 91 555 0118", "sofia.martinez@example.com", "1993-09-09", "", "", []model.Text{"psychotherapy"}},
		{"Lukas", "Müller", "+49 30 555 0119", "lukas.mueller@example.com", "1989-02-28", "ACL reconstruction, right knee", "", []model.Text{"physio", "sport"}},
		{"Chloé", "Dubois", "+33 1 55 55 01 20", "chloe.dubois@example.com", "1997-07-07", "", "", []model.Text{"massage"}},
		{"Aisha", "Khan", "+44 161 555 0121", "aisha.khan@example.com", "1981-10-19", "Type 2 diabetes", "", nil},
		{"Tom", "Nguyen", "+1 415 555 0122", "tom.nguyen@example.com", "1990-11-30", "", "Pays monthly", []model.Text{"massage"}},
		{"Olivia", "Rossi", "+39 06 555 0123", "", "1966-08-22", "Fibromyalgia", "", []model.Text{"massage"}},
		{"Noah", "Andersson", "+46 8 555 0124", "noah.andersson@example.com", "2000-01-05", "", "", []model.Text{"sport"}},
		{"Maria", "Kowalska", "+48 22 555 0125", "maria.kowalska@example.com", "1978-03-03", "Anxiety", "", []model.Text{"psychotherapy"}},
		{"Samuel", "van den Berg", "+31 20 555 0126", "samuel.vdberg@example.com", "1994-06-14", "", "", nil},
		{"Grace", "Okafor", "+1 212 555 0127", "grace.okafor@example.com", "1987-04-08", "Post-partum pelvic pain", "", []model.Text{"physio"}},
		{"Henry", "Walker", "+1 617 555 0128", "", "1955-09-27", "Hip replacement, 2023", "Hard of hearing: speak clearly", []model.Text{"rehab"}},
		{"Isabella", "Santos", "+351 21 555 0129", "isabella.santos@example.com", "1999-12-24", "", "", []model.Text{"psychotherapy"}},
		{"Ben", "Adler", "+972 50-555-0130", "ben.adler@example.com", "1985-05-05", "Tension headaches", "עברית או English", []model.Text{"massage"}},
	}
}

// fillDemo makes the demo practice. It runs only when no workspace exists.
func (a *app) fillDemo(env Env) error {
	w, owner, err := a.auth.CreateFirst(env.Ctx,
		model.Workspace{Name: "קליניקת הדגמה · Demo practice", TimeZone: "Asia/Jerusalem", Locale: "en", Currency: "ILS", WeekStart: "sunday"},
		model.User{Email: demoEmail, FullName: "Dana Demo", Locale: "en"})
	if err != nil {
		return err
	}
	return a.furnish(env, w, owner)
}

func (d demoClient) client() model.Client {
	return model.Client{
		Contact: model.Contact{
			FirstName: model.Text(d.first), LastName: model.Text(d.last), Phone: model.Text(d.phone),
			Email: model.Text(d.email), DateOfBirth: model.Text(d.birth), Tags: d.tags,
		},
		History: model.History{MedicalHistory: model.Text(d.history), Notes: model.Text(d.notes)},
	}
}
