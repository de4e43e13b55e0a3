import { errors } from '#platform/errors';

import { gridColumns, type Position, type Widget } from './model';

const overlaps = (a: Position, b: Position): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The first place, reading order, where a widget of this size fits. */
export function freePlace(widgets: readonly Pick<Widget, 'position'>[], size: Pick<Position, 'width' | 'height'>): Position {
  const bottom = Math.max(0, ...widgets.map(({ position }) => position.y + position.height));
  for (let y = 0; y <= bottom; y += 1) {
    for (let x = 0; x + size.width <= gridColumns; x += 1) {
      const place = { x, y, ...size };
      if (!widgets.some(({ position }) => overlaps(position, place))) return place;
    }
  }
  return { x: 0, y: bottom, ...size };
}

/** Refuses overlaps; the message names the free place nearest to the top. */
export function checkLayout(widgets: readonly Widget[]): void {
  for (const [index, widget] of widgets.entries()) {
    const hit = widgets.slice(0, index).find((other) => overlaps(other.position, widget.position));
    if (!hit) continue;
    const others = widgets.filter(({ id }) => id !== widget.id);
    const { x, y, width, height } = freePlace(others, { width: widget.position.width, height: widget.position.height });
    throw errors.INVALID_REQUEST(
      { what: `the position of ${widget.name}`, hint: `it overlaps ${hit.name}; free is x ${x}, y ${y} (${width} × ${height})` },
      { field: 'position', details: { overlaps: hit.id, free: { x, y, width, height } } },
    );
  }
}
