// For tests and evidence, which use keys and predicted power.
global using Isotope.Cli.Commands.Keys;
global using Isotope.Cli.Commands.Marking;
