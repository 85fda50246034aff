// The names of columns and values. `schema.json` is kept equal to the code that writes the rows,
// so a name that is not there fails to compile here, and fails to generate.
import schema from "../schema.json" with { type: "json" };

type Names<T> = { readonly [K in keyof T]: K & string };

function names<T extends object>(section: string, members: T): Names<T> {
  return new Proxy({} as Names<T>, {
    get(_target, name) {
      if (typeof name !== "string" || !(name in members)) {
        throw new Error(`\`${String(name)}\` is none of the ${section} in schema.json`);
      }
      return name;
    },
  });
}

/** Dimensions of rows. */
export const dimension = names("dimensions", schema.dimensions);
/** Kinds of rows: values of `measure_name`. */
export const row = names("measure_names", schema.measure_names);
/** Measures of rows. */
export const measure = names("measures", schema.measures);
/** States of a monitor. */
export const state = names("states", schema.states);
/** Outcomes of a probe. */
export const outcome = names("outcomes", schema.outcomes);
/** What lies over a state. */
export const overlay = names("overlays", schema.overlays);
/** Who has to act on an error. */
export const owner = names("error_owners", schema.error_owners);

/** The location under which verdicts over all locations are written. */
export const ALL_LOCATIONS = schema.all_locations;
/** The tenant under which Tidewatch writes about itself. */
export const SYSTEM_TENANT = schema.system_tenant;

/** The error classes that say that a certificate did not pass verification. */
export const certificateErrors: string[] = Object.keys(schema.error_classes).filter(
  (name) => name.startsWith("tls_cert_") || name === "cert_fingerprint_mismatch",
);
