/** The part of the untyped unit library that the build uses. */
declare module '@lhncbc/ucum-lhc' {
  export const UcumLhcUtils: {
    getInstance(): {
      validateUnitString(unit: string): { status: 'valid' | 'invalid' | 'error'; msg?: string[] };
    };
  };
}
