using Isotope.Cli.Terminal;
using Isotope.Detection;

namespace Isotope.Cli.Commands.Detection;

/// <summary><c>--statistic</c>: the statistic of the white-box test.</summary>
internal sealed class StatisticOption()
    : ChoiceOption<WhiteBoxStatistic>(
        "--statistic",
        "The statistic that counts; fix it before you look (default: response where there is a reference, else paper)",
        byDefault: null,
        ("response", WhiteBoxStatistic.Response),
        ("paper", WhiteBoxStatistic.Paper)
    );
