package main

import (
	"fmt"
	"math"
	"strings"

	"nrf91emu/emulator/audit"
)

// plot is wear over time, ready to be drawn.
type plot struct {
	curves     []curve
	boots, top float64 // the ends of the axes
	endurance  float64 // 0 if it is beyond the top
}

// curve is one program.
type curve struct {
	name        string
	points      []point
	worn, ended int // boots, 0 for never
}

// point is the erases of a page after a number of boots.
type point struct{ boots, max, avg float64 }

func newPlot(all []aged) plot {
	var p plot
	for _, a := range all {
		c := curve{name: a.Program, worn: a.FirstWorn, ended: a.FirstFailed}
		for _, s := range a.Samples {
			q := point{float64(s.Boots), float64(s.MaxErases), s.AvgErases}
			c.points = append(c.points, q)
			p.boots, p.top = max(p.boots, q.boots), max(p.top, q.max)
		}
		// The limit belongs into the picture when it comes near.
		if e := float64(a.Endurance); p.top > e/3 {
			p.endurance = e
		}
		p.curves = append(p.curves, c)
	}
	p.top = round125(max(p.top, p.endurance*1.05, 1))
	return p
}

// round125 rounds up to a number that reads well on an axis with five parts.
func round125(x float64) float64 {
	step := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 10} {
		if m*step >= x {
			return m * step
		}
	}
	return 10 * step
}

// number returns a number for an axis or a label, with commas between thousands.
func number(x float64) string {
	if x < 1000 {
		return fmt.Sprintf("%.4g", x)
	}
	return audit.Grouped(x)
}

// Size of a plot in text, in characters inside the axes.
const (
	textWidth  = 64
	textHeight = 16
)

// marks are the curves' signs in a plot in text.
const marks = "o*+x#"

// plotText draws with characters.
func plotText(p plot) string {
	grid := make([][]byte, textHeight+1)
	for i := range grid {
		grid[i] = []byte(strings.Repeat(" ", textWidth+1))
	}
	column := func(boots float64) int { return int(math.Round(boots / p.boots * textWidth)) }
	row := func(erases float64) int { return textHeight - int(math.Round(erases/p.top*textHeight)) }
	if p.endurance > 0 {
		for x := range grid[0] {
			grid[row(p.endurance)][x] = '-'
		}
	}
	for i, c := range p.curves {
		for _, q := range c.points {
			grid[row(q.max)][column(q.boots)] = marks[i%len(marks)]
		}
		if c.worn > 0 {
			grid[textHeight][column(float64(c.worn))] = '^'
		}
		if c.ended > 0 {
			grid[textHeight][column(float64(c.ended))] = '!'
		}
	}
	var b strings.Builder
	b.WriteString("Erases of the page that was erased most often\n")
	for y, line := range grid {
		label := ""
		if y%(textHeight/4) == 0 {
			label = number(p.top * float64(textHeight-y) / textHeight)
		}
		fmt.Fprintf(&b, "%9s |%s\n", label, strings.TrimRight(string(line), " "))
	}
	last := number(p.boots)
	fmt.Fprintf(&b, "%9s +%s\n%9s  0%*s boots\n\n", "", strings.Repeat("-", textWidth), "", textWidth, last)
	for i, c := range p.curves {
		fmt.Fprintf(&b, "  %c %s\n", marks[i%len(marks)], c.name)
	}
	if p.endurance > 0 {
		b.WriteString("  - endurance\n")
	}
	for _, c := range p.curves {
		if c.worn > 0 {
			b.WriteString("  ^ the first page has failed    ! writes begin to fail\n")
			break
		}
	}
	return b.String()
}

// Size of an SVG, in its units: of the whole and of the margins.
const (
	svgWidth, svgHeight         = 800, 450
	svgLeft, svgRight           = 80, 32
	svgTop, svgBottom   float64 = 48, 56
)

// colours are those of the curves: told apart by colour-blind people too (Okabe
// and Ito).
var colours = []string{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"}

// plotSVG draws an SVG: a line for the page erased most often, and a paler one for
// the average.
func plotSVG(p plot) string {
	x := func(boots float64) float64 { return svgLeft + boots/p.boots*(svgWidth-svgLeft-svgRight) }
	y := func(erases float64) float64 {
		return svgHeight - svgBottom - erases/p.top*(svgHeight-svgTop-svgBottom)
	}
	var b, labels strings.Builder // labels lie above the lines, with a white rim
	text := func(px, py float64, anchor, fill, format string, args ...any) {
		fmt.Fprintf(&labels, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n", px, py, anchor, fill, fmt.Sprintf(format, args...))
	}
	line := func(x1, y1, x2, y2 float64, stroke, dash string) {
		fmt.Fprintf(&b, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-dasharray=\"%s\"/>\n", x1, y1, x2, y2, stroke, dash)
	}
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n", svgWidth, svgHeight)
	b.WriteString("<title>Wear of the modem's flash over boots</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n")
	for i := range 6 {
		part := float64(i) / 5
		line(svgLeft, y(part*p.top), svgWidth-svgRight, y(part*p.top), "#ddd", "none")
		text(svgLeft-8, y(part*p.top)+4, "end", "#444", "%s", number(part*p.top))
		text(x(part*p.boots), svgHeight-svgBottom+18, "middle", "#444", "%s", number(math.Round(part*p.boots)))
	}
	text(svgWidth/2, svgHeight-14, "middle", "#000", "boots")
	text(svgLeft, 20, "start", "#000", "Erases per page (strong: the page erased most often, pale: average)")
	if p.endurance > 0 {
		line(svgLeft, y(p.endurance), svgWidth-svgRight, y(p.endurance), "#000", "6 4")
		text(svgWidth-svgRight, y(p.endurance)-6, "end", "#000", "endurance, %s", number(p.endurance))
	}
	for i, c := range p.curves {
		colour := colours[i%len(colours)]
		path := func(value func(point) float64, opacity float64) {
			var points []string
			for _, q := range c.points {
				points = append(points, fmt.Sprintf("%.1f,%.1f", x(q.boots), y(value(q))))
			}
			fmt.Fprintf(&b, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-opacity=\"%g\" points=\"%s\"/>\n", colour, opacity, strings.Join(points, " "))
		}
		path(func(q point) float64 { return q.avg }, 0.4)
		path(func(q point) float64 { return q.max }, 1)
		for j, e := range []struct {
			boot int
			what string
		}{{c.worn, "first page failed"}, {c.ended, "writes fail"}} {
			if e.boot > 0 {
				px := x(float64(e.boot))
				line(px, svgTop, px, svgHeight-svgBottom, colour, "2 3")
				anchor, at := "end", px-4
				if px < svgWidth/3 {
					anchor, at = "start", px+4 // there is no room on the left
				}
				text(at, svgTop+14*float64(1+j)+28*float64(i), anchor, colour, "%s, boot %s", e.what, number(float64(e.boot)))
			}
		}
		text(svgLeft+float64(i)*180, 38, "start", colour, "%s", c.name)
	}
	fmt.Fprintf(&b, "<g stroke=\"white\" stroke-width=\"3\" paint-order=\"stroke\">\n%s</g>\n</svg>\n", labels.String())
	return b.String()
}
