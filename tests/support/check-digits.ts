/** The check digit of a LOINC term code: modulus 10, every second digit doubled, beginning at the right. */
export function hasLoincCheckDigit(code: string): boolean {
  const [body = '', check] = code.split('-');
  const sum = Array.from(body)
    .reverse()
    .reduce((total, digit, place) => {
      const weighed = Number(digit) * (place % 2 === 0 ? 2 : 1);
      return total + Math.floor(weighed / 10) + (weighed % 10);
    }, 0);
  return String((10 - (sum % 10)) % 10) === check;
}

/** One step of the dihedral group of ten elements, on which the check digit of Verhoeff rests. */
function dihedral(left: number, right: number): number {
  const turned = left < 5 ? (left + right) % 5 : (left - right + 5) % 5;
  return left < 5 === right < 5 ? turned : 5 + turned;
}

/** The check digit of a SNOMED CT identifier (Verhoeff). */
export function hasVerhoeffCheckDigit(code: string): boolean {
  const step = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  const total = Array.from(code)
    .reverse()
    .reduce((sum, digit, place) => {
      const moved = Array.from({ length: place % 8 }).reduce<number>((at) => step[at] ?? 0, Number(digit));
      return dihedral(sum, moved);
    }, 0);
  return total === 0;
}
