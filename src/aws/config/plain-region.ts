/** Before FIPS had a setting it was part of a region's name: fips-us-east-1, us-gov-west-1-fips. */
export function plainRegion<N extends string | undefined>(name: N): { region: N; fips: boolean } {
  const region = name?.replace(/fips-|-fips/g, "") as N;
  return { region, fips: region !== name };
}
