package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"nrf91emu/emulator"
	"nrf91emu/emulator/ageing"
	"nrf91emu/emulator/control"
	"nrf91emu/emulator/firmware/examples/provisioning"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore/flash"
)

// policy is what the page may do: nothing but what comes from here. xterm needs
// inline style.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// maxInput is how much one message of a page may bring: a certificate that is
// pasted, and more.
const maxInput = 128 << 10

// seatRoutes are what a page asks for beside the control interface; openapi.json
// describes them.
var seatRoutes = []struct {
	method, path string
	serve        func(*Seat, http.ResponseWriter, *http.Request)
}{
	{"GET", "/ws", (*Seat).webSocket},
	{"GET", "/lab", (*Seat).getLab},
	{"GET", "/files/{name}", (*Seat).getFile},
	{"GET", "/report.html", (*Seat).getReportHTML},
	{"GET", "/report.json", (*Seat).getReportJSON},
	{"GET", "/transcript.txt", (*Seat).getTranscript},
	{"POST", "/exercise/{id}", (*Seat).postExercise},
	{"POST", "/client/{act}", (*Seat).postClient},
	{"POST", "/age", (*Seat).postAge},
	{"POST", "/firmware/{act}", (*Seat).postFirmware},
	{"PUT", "/code/{path...}", (*Seat).putFile},
	{"PUT", "/code.zip", (*Seat).putArchive},
	{"GET", "/code.zip", (*Seat).getArchive},
	{"GET", "/openapi.json", (*Seat).getOpenAPI},
}

// Handler serves the pages: /s/TOKEN/ for a student and /t/TOKEN/ for the teacher.
func (l *Lab) Handler() http.Handler {
	mux := http.NewServeMux()
	assets, _ := fs.Sub(embedded, "page")
	files := http.FileServerFS(assets)
	mux.Handle("GET /assets/", http.StripPrefix("/assets", files))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if !l.cfg.Tokens && len(l.seats) == 1 {
			http.Redirect(w, r, "s/1/", http.StatusFound)
			return
		}
		http.Error(w, "Open the address that your teacher gave you: it ends in your own token.", http.StatusNotFound)
	})
	page := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, assets, name)
		}
	}
	student := func(fn func(*Seat, http.ResponseWriter, *http.Request)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for _, s := range l.seats {
				if s.Token == r.PathValue("token") {
					fn(s, w, r)
					return
				}
			}
			http.Error(w, "There is no seat with this token.", http.StatusNotFound)
		}
	}
	mux.HandleFunc("GET /s/{token}/{$}", student(func(_ *Seat, w http.ResponseWriter, r *http.Request) { page("index.html")(w, r) }))
	for _, route := range seatRoutes {
		mux.HandleFunc(route.method+" /s/{token}"+route.path, student(route.serve))
	}
	mux.HandleFunc("/s/{token}/v1/", student(func(s *Seat, w http.ResponseWriter, r *http.Request) {
		http.StripPrefix("/s/"+s.Token, s.control).ServeHTTP(w, r)
	}))
	teacher := func(fn http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.PathValue("token") != l.teacher {
				http.Error(w, "This is not the teacher's address.", http.StatusNotFound)
				return
			}
			fn(w, r)
		}
	}
	mux.HandleFunc("GET /t/{token}/{$}", teacher(page("teacher.html")))
	mux.HandleFunc("GET /t/{token}/class", teacher(l.getClass))
	return l.guard(mux)
}

// TeacherPath is the path of the teacher's page.
func (l *Lab) TeacherPath() string { return "/t/" + l.teacher + "/" }

// PagePath is the path of a seat's page.
func (s *Seat) PagePath() string { return "/s/" + s.Token + "/" }

// guard lets through what the page itself asks for: no other site can drive it,
// neither by a form nor by a name that was made to point here.
func (l *Lab) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	public := ""
	if u, err := url.Parse(l.cfg.PublicURL); err == nil {
		public = u.Host
		if l.cfg.PublicURL != "" {
			cross.AddTrustedOrigin(u.Scheme + "://" + u.Host)
		}
	}
	next = cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		if !l.hostAllowed(r.Host, public) {
			http.Error(w, fmt.Sprintf("The page is not served under the name %q. Open it by its address, or start the lab with --public-url.", r.Host), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostAllowed reports whether a Host header is an address, localhost, or the name
// that the lab was told.
func (l *Lab) hostAllowed(hostport, public string) bool {
	if public != "" && strings.EqualFold(hostport, public) {
		return true
	}
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && (ip.IsLoopback() || l.cfg.Tokens)
}

// sameOrigin reports whether a WebSocket comes from the page itself. A browser
// always says where it comes from; other programs need not.
func (l *Lab) sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	return u.Host == r.Host || l.cfg.PublicURL != "" && strings.EqualFold(strings.TrimRight(l.cfg.PublicURL, "/"), origin)
}

// webSocket tells a page everything and takes what is typed.
func (s *Seat) webSocket(w http.ResponseWriter, r *http.Request) {
	if !s.lab.sameOrigin(r) {
		http.Error(w, "Another site must not open this connection.", http.StatusForbidden)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // checked above
	if err != nil {
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(maxInput)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go func() {
		defer cancel()
		for {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return
			}
			var in struct {
				Input string `json:"input"`
			}
			if json.Unmarshal(data, &in) == nil && in.Input != "" {
				s.Type([]byte(in.Input))
			}
		}
	}()
	asked, _ := strconv.ParseUint(r.URL.Query().Get("since"), 10, 64)
	since, anew := s.hub.from(r.URL.Query().Get("lab"), asked)
	if s.hello(ctx, conn, since, anew) != nil {
		return
	}
	ping := time.NewTicker(20 * time.Second)
	defer ping.Stop()
	for {
		batch, next, wake := s.hub.after(since)
		if wake == nil {
			since = next
			if len(batch) > 0 && s.sendBatch(ctx, conn, batch) != nil {
				return
			}
			continue
		}
		select {
		case <-wake:
		case <-ping.C:
			// A page hears something now and then, so that it notices when it does not.
			if !alive(ctx, conn) || s.sendBatch(ctx, conn, nil) != nil {
				return
			}
		case <-ctx.Done():
			return
		case <-s.ended:
			conn.Close(websocket.StatusGoingAway, "the lab has ended")
			return
		}
	}
}

// hello is the first message to a page: which lab it talks to and in which of its lives,
// whether that has gone on without what the page knows, and whether it keeps anything.
func (s *Seat) hello(ctx context.Context, conn *websocket.Conn, since uint64, anew bool) error {
	data, err := json.Marshal(map[string]any{"lab": s.hub.id, "life": s.lab.life, "anew": anew, "keeps": s.lab.cfg.Dir != ""})
	if err != nil {
		return err
	}
	text, err := json.Marshal(envelope{since, "hello", time.Now().UnixMilli(), data})
	if err != nil {
		return err
	}
	return s.sendBatch(ctx, conn, []message{{since, text}})
}

// pingTime is how long a page may take to answer a ping, in which nothing else is sent to
// it.
const pingTime = 20 * time.Second

// alive reports whether somebody is still at the other end.
func alive(ctx context.Context, conn *websocket.Conn) bool {
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	return conn.Ping(ctx) == nil
}

func (s *Seat) sendBatch(ctx context.Context, conn *websocket.Conn, batch []message) error {
	out := []byte{'['}
	for i, m := range batch {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, m.json...)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, append(out, ']'))
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

// getLab tells what does not change while the lab runs.
func (s *Seat) getLab(w http.ResponseWriter, _ *http.Request) {
	files := []string{}
	for name := range s.lab.files {
		if !strings.HasSuffix(name, ".key") {
			files = append(files, name)
		}
	}
	reply(w, map[string]any{
		"seat": s.N, "students": len(s.lab.seats), "port": s.Path, "profile": s.device.Profile().Name,
		"application": s.device.Dialect().Name, "imei": s.device.Identity().IMEI,
		"terminator": string(s.terminator()), "dir": s.lab.dir,
		"exercises": s.lab.exercises, "servers": s.lab.cloud.Servers(), "files": files,
	})
}

// getFile gives out a file of the lab that is not a key.
func (s *Seat) getFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	content, ok := s.lab.files[name]
	if !ok || strings.HasSuffix(name, ".key") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(content)
}

func (s *Seat) postExercise(w http.ResponseWriter, r *http.Request) {
	if err := s.Start(r.PathValue("id")); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Seat) postClient(w http.ResponseWriter, r *http.Request) {
	var in struct{ Server, CA, Topic, Payload string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxInput)).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var err error
	switch r.PathValue("act") {
	case "connect":
		err = s.client.connect(in.Server, in.CA)
	case "disconnect":
		err = s.client.disconnect()
	case "subscribe":
		err = s.client.subscribe(in.Topic)
	case "publish":
		err = s.client.publish(in.Topic, in.Payload)
	default:
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// postAge runs a good and a bad program for a thousand boots each.
func (s *Seat) postAge(w http.ResponseWriter, r *http.Request) {
	select {
	case s.lab.building <- struct{}{}:
		defer func() { <-s.lab.building }()
	case <-s.ended:
		http.Error(w, "the lab ends", http.StatusInternalServerError)
		return
	case <-r.Context().Done():
		return
	}
	const boots = 1000
	type curve struct {
		Name    string          `json:"name"`
		Samples []ageing.Sample `json:"samples"`
	}
	var out []curve
	for _, name := range []string{"exists-compare-write", "rewrite"} {
		c := curve{Name: name}
		for _, h := range provisioning.Habits() {
			if h.Habit != name {
				continue
			}
			p, err := profile.Lookup(s.lab.cfg.Profile)
			if err != nil {
				break
			}
			f, err := flash.New(flash.Options{})
			if err != nil {
				break
			}
			result, err := ageing.Run(ageing.Config{
				Device: emulator.Config{Profile: &p, Flash: f}, Boots: boots, Samples: 100,
				Program: h.With(&provisioning.Material{CA: string(s.lab.files["ca.pem"])}),
			})
			if err == nil {
				c.Samples = result.Samples
			}
		}
		if c.Samples == nil {
			http.Error(w, "the programs could not be run", http.StatusInternalServerError)
			return
		}
		out = append(out, c)
	}
	reply(w, out)
}

// Serve serves the page on a listener until the context ends.
func (l *Lab) Serve(ctx context.Context, ln net.Listener) error {
	server := control.NewHTTP(l.Handler())
	server.BaseContext = func(net.Listener) context.Context { return ctx }
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(control.HangUp(ln)); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
