package firmware_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nrf91emu/emulator"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/cloud/pki"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/firmware/build"
	"nrf91emu/emulator/network"
)

// BenchmarkLibrary compares what firmware gets through exec with the least that it could
// cost: commands with a server that answers each frame as soon as it has come, an upload over
// TLS with a client of OpenSSL. The metrics are medians, over all rounds, of ratios of medians.
func BenchmarkLibrary(b *testing.B) {
	if _, err := osexec.LookPath("cc"); err != nil {
		b.Skip("no C compiler cc here")
	}
	app := filepath.Join(b.TempDir(), "cost")
	if err := os.CopyFS(app, os.DirFS(filepath.Join("testdata", "cost"))); err != nil {
		b.Fatal(err)
	}
	program := buildIt(b, build.Options{Dir: app})
	port, root := sink(b)
	echo := echoServer(b)
	client := filepath.Join(app, "client")
	plain := osexec.Command("cc", "-O2", "-o", client, filepath.Join(app, "client.c"), "-lssl", "-lcrypto").Run() == nil
	var commands, upload []float64
	for b.Loop() {
		least := untilDone(b, program, "NRF91EMU_LIBRARY="+echo)
		air := network.Default()
		air.AttachDelay = 0
		var out bytes.Buffer
		if _, err := exec.Run(b.Context(), exec.Config{
			Command: []string{program}, Env: append(os.Environ(), "UPLOAD="+strconv.Itoa(int(port.Port())), "CA="+string(root)),
			Stdout: &out, Stderr: &out, BootEnd: exec.BootEnd{Text: "Done"}, Audit: audit.Options{AllowIdle: true},
			Device: emulator.Config{Network: &air, NoExternal: true, Hosts: map[string]netip.AddrPort{"sink.lab:" + strconv.Itoa(int(port.Port())): port}},
		}); err != nil {
			b.Fatal(err)
		}
		commands = append(commands, median(b, "commands", out.String())/median(b, "commands", least))
		if plain {
			direct, err := osexec.Command(client, strconv.Itoa(int(port.Port()))).Output()
			if err != nil {
				b.Fatal(err)
			}
			b.Logf("upload %v us, openssl %v us", median(b, "upload", out.String()), median(b, "upload", string(direct)))
			upload = append(upload, median(b, "upload", out.String())/median(b, "upload", string(direct)))
		}
	}
	b.ReportMetric(middle(commands), "commands/least")
	if plain {
		b.ReportMetric(middle(upload), "upload/openssl")
	}
}

// middle returns the median of some numbers, which it sorts.
func middle(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// BenchmarkPowerCuts measures what a cut of the power costs: the whole run with it, from the
// start of the process to its end after the next boot. The metric is the median in ms, over all
// rounds, of medians.
func BenchmarkPowerCuts(b *testing.B) {
	if _, err := osexec.LookPath("cc"); err != nil {
		b.Skip("no C compiler cc here")
	}
	app := filepath.Join(b.TempDir(), "app")
	if err := os.CopyFS(app, os.DirFS(filepath.Join("examples", "provision_certificate"))); err != nil {
		b.Fatal(err)
	}
	program := buildIt(b, build.Options{Dir: app})
	air := network.Default()
	air.AttachDelay = 0
	var times []float64
	for b.Loop() {
		res, err := exec.Cut(b.Context(), exec.Config{
			Command: []string{program}, Env: os.Environ(), BootEnd: exec.BootEnd{Online: true},
			Device: emulator.Config{Network: &air, NoExternal: true},
		}, exec.CutOptions{Sample: 100, Jobs: 1})
		if err != nil || !res.Sound {
			b.Fatalf("%v: %+v", err, res)
		}
		times = append(times, float64(res.Cuts.Median.Microseconds())/1000)
	}
	b.ReportMetric(middle(times), "ms/cut")
}

// untilDone runs firmware until it says that it is done: it would go on.
func untilDone(b *testing.B, path, env string) string {
	cmd := osexec.CommandContext(b.Context(), path)
	cmd.Env = append(os.Environ(), env)
	pipe, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	var out strings.Builder
	for lines := bufio.NewScanner(pipe); lines.Scan() && !strings.Contains(lines.Text(), "Done"); {
		out.WriteString(lines.Text() + "\n")
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return out.String()
}

// median returns the median of the times of a kind in an output, in microseconds.
func median(b *testing.B, kind, output string) float64 {
	var times []float64
	for _, m := range regexp.MustCompile(kind+` (\d+) us`).FindAllStringSubmatch(output, -1) {
		n, _ := strconv.ParseFloat(m[1], 64)
		times = append(times, n)
	}
	if len(times) == 0 {
		b.Fatalf("no %s in:\n%s", kind, output)
	}
	return middle(times)
}

// sink is a TLS server that answers each megabyte with a byte. It returns the root of its
// certificate, too.
func sink(b *testing.B) (at netip.AddrPort, root []byte) {
	ca, err := pki.NewCA("Root")
	if err != nil {
		b.Fatal(err)
	}
	leaf, err := ca.Issue(pki.Hosts("sink.lab"))
	if err != nil {
		b.Fatal(err)
	}
	l, err := tls.Listen("tcp4", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{leaf.TLS()}, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for {
					if _, err := io.CopyN(io.Discard, conn, 1<<20); err != nil {
						return
					}
					_, _ = conn.Write([]byte{0})
				}
			}()
		}
	}()
	return netip.MustParseAddrPort(l.Addr().String()), ca.PEM()
}

// echoServer answers the frames of the library interface at once; its address is for
// NRF91EMU_LIBRARY.
func echoServer(b *testing.B) string {
	l, err := net.Listen("unix", filepath.Join(b.TempDir(), "echo"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				r := bufio.NewReaderSize(conn, 32<<10)
				head, buf := make([]byte, 8), make([]byte, 1<<16)
				for {
					if _, err := io.ReadFull(r, head); err != nil {
						return
					}
					if _, err := io.ReadFull(r, buf[:binary.LittleEndian.Uint32(head)]); err != nil {
						return
					}
					if binary.LittleEndian.Uint16(head[6:]) == 0 {
						continue
					}
					payload := make([]byte, 4, 64)
					switch head[4] {
					case 1:
						payload = append(payload, 1, 0, 0, 0, 1, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0)
					case 4:
						payload = append(payload, "352656100367872\r\nOK\r\n"...)
					}
					frame := append(binary.LittleEndian.AppendUint32(nil, uint32(len(payload))), head[4:]...)
					if _, err := conn.Write(append(frame, payload...)); err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}
