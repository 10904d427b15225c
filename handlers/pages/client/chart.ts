/** The bars of a result: one a row, from zero, all in one colour, for it is not a grade. Names and numbers stand beside them. */

import { BarChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, GridComponent, CanvasRenderer]);

/** Bars that fill `place`, each in the middle of its equal share of the height; null draws none. */
export class Bars {
  private chart: ECharts | null = null;
  private drawn = "";

  constructor(private readonly place: HTMLElement) {
    new ResizeObserver(() => this.chart?.resize()).observe(place);
  }

  draw(values: (number | null)[], top: number): void {
    const wanted = JSON.stringify([values, top]);
    if (wanted === this.drawn || !this.place.clientHeight) return;
    this.drawn = wanted;
    this.chart ??= init(this.place);
    this.chart.setOption({
      animationDuration: 600,
      animationDurationUpdate: 300,
      grid: { left: 0, right: 0, top: 0, bottom: 0 },
      xAxis: { type: "value", min: 0, max: top, show: false },
      yAxis: { type: "category", inverse: true, show: false, data: values.map((_, place) => String(place)) },
      series: [
        {
          type: "bar",
          stack: "whole",
          data: values,
          barWidth: "52%",
          itemStyle: { color: "#9c1a1c" },
          silent: true,
        },
        // The rest of the scale; where nothing was counted or shown there is no bar at all, not an empty one.
        {
          type: "bar",
          stack: "whole",
          data: values.map((value) => (value === null ? null : top - value)),
          itemStyle: { color: "#efe7da" },
          silent: true,
        },
      ],
    });
  }
}
