using System.Text;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>A statement whose names and values are still apart from its text. PostgreSQL's <c>format()</c> puts them together, so the quoting is the server's.</summary>
public sealed class SqlStatement
{
    /// <summary>Makes a statement.</summary>
    /// <param name="template">Text of ours with <c>%I</c> for names and <c>%L</c> for values, and <c>%%</c> for a percent sign.</param>
    /// <param name="arguments">What stands for them, in order.</param>
    public SqlStatement(string template, params IReadOnlyList<SqlArgument> arguments)
    {
        Template = template;
        Arguments = arguments;
    }

    /// <summary>The text with its placeholders.</summary>
    public string Template { get; }

    /// <summary>Names and values in order.</summary>
    public IReadOnlyList<SqlArgument> Arguments { get; }

    /// <summary>Whether PostgreSQL refuses it inside a transaction, as <c>CREATE DATABASE</c>.</summary>
    public bool RunsOutsideTransaction { get; init; }

    /// <summary>Whether a value is a secret.</summary>
    public bool HasSecret => Arguments.Any(a => a.IsSecret);

    /// <summary>The statement for people, secrets as <c>'***'</c>. It is never executed.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var next = 0;
        for (var i = 0; i < Template.Length; i++)
        {
            if (Template[i] != '%' || i + 1 == Template.Length)
            {
                text.Append(Template[i]);
                continue;
            }

            var kind = Template[++i];
            text.Append(kind switch
            {
                'I' => '"' + Arguments[next++].ToString().Replace("\"", "\"\"", StringComparison.Ordinal) + '"',
                'L' => '\'' + Arguments[next++].ToString().Replace("'", "''", StringComparison.Ordinal) + '\'',
                _ => kind.ToString(),
            });
        }

        return text.ToString();
    }
}
