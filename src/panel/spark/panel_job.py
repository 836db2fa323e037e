"""The panel on Apache Spark: patients are spread over partitions, and each partition is piped through the command.

    spark-submit panel_job.py INPUT OUTPUT --now INSTANT --command "node /opt/renal-cramp-cds/dist/cli/renal-cramp-cds.js"

INPUT is one or more paths of lines, a FHIR Bundle each, or with --bulk the files of a Bulk Data export (one file a type).
OUTPUT is a folder of text files with the rows that the command alone would write, in another order.
"""

import argparse
import json
import re
import shlex

from pyspark.sql import SparkSession

PATIENT = re.compile(r"^(?:https?://.*/)?Patient/([A-Za-z0-9.\-]{1,64})(?:/_history/[A-Za-z0-9.\-]{1,64})?$")
MEDICATION = re.compile(r"(?:^|/)Medication/([A-Za-z0-9.\-]{1,64})")


def reference_of(resource, name):
    element = resource.get(name)
    text = element.get("reference") if isinstance(element, dict) else None
    return text if isinstance(text, str) else ""


def keyed(line):
    """[(what it belongs to, line)]: a patient, or nothing for what no patient is named in."""
    resource = json.loads(line)
    if resource.get("resourceType") == "Patient":
        return [(resource["id"], line)]
    for name in ("subject", "patient"):
        found = PATIENT.match(reference_of(resource, name))
        if found:
            return [(found.group(1), line)]
    return []


def wanted_drugs(line):
    """[(Medication, patient)] of an order that only refers to its drug."""
    resource = json.loads(line)
    drug = MEDICATION.search(reference_of(resource, "medicationReference"))
    patient = PATIENT.match(reference_of(resource, "subject"))
    return [(drug.group(1), patient.group(1))] if drug and patient else []


def drugs(line):
    resource = json.loads(line)
    return [(resource["id"], line)] if resource.get("resourceType") == "Medication" else []


def bundle_of(lines):
    entries = ",".join('{"resource":%s}' % line for line in sorted(set(lines)))
    return '{"resourceType":"Bundle","type":"collection","entry":[%s]}' % entries


def bundles_of_export(lines, partitions):
    """One Bundle for each patient of a Bulk Data export; a drug goes to the patients whose orders refer to it."""
    joined = lines.flatMap(wanted_drugs).distinct().join(lines.flatMap(drugs)).values()
    own = lines.flatMap(keyed).union(joined)
    return own.groupByKey(partitions).mapValues(bundle_of).values()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", help="a path, a folder or a pattern; several with commas between")
    parser.add_argument("output")
    parser.add_argument("--command", required=True, help="how the command is called on a worker")
    parser.add_argument("--now", required=True, help="the moment to judge at: the same on every worker")
    parser.add_argument("--partitions", type=int, default=0, help="default: four for each core")
    parser.add_argument("--bulk", action="store_true", help="the input is a Bulk Data export")
    options = parser.parse_args()

    spark = SparkSession.builder.appName("renal-cramp-cds panel").getOrCreate()
    context = spark.sparkContext
    partitions = options.partitions or 4 * context.defaultParallelism
    lines = context.textFile(options.input, partitions)
    bundles = bundles_of_export(lines, partitions) if options.bulk else lines.repartition(partitions)
    command = "%s panel - --workers 1 --now %s" % (options.command, shlex.quote(options.now))
    bundles.pipe(command, checkCode=True).saveAsTextFile(options.output)
    spark.stop()


if __name__ == "__main__":
    main()
