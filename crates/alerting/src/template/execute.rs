//! Runs a template (Go's `text/template/exec.go`).

use std::borrow::Cow;

use super::Data;
use super::functions::Function;
use super::tree::{Branch, Command, Node, Operand, Pipeline, Tree};
use super::value::Value;

/// The longest text that a template may make, in bytes.
const LONGEST: usize = 1 << 20;
/// How many nodes one execution may visit.
const MOST_STEPS: usize = 1_000_000;
/// How deep templates may call each other.
const DEEPEST: usize = 32;

pub(super) fn execute(tree: &Tree, data: &Data<'_>) -> Result<String, String> {
    let dot = Value::Data(data);
    let mut run = Run {
        tree,
        data,
        out: String::new(),
        steps: 0,
        depth: 0,
        variables: vec![
            ("$", dot.clone()),
            ("$labels", Value::Labels(Cow::Borrowed(data.labels))),
            ("$values", Value::Values(data.values)),
            ("$value", Value::text(data.value_string)),
        ],
    };
    run.nodes(&tree.main, &dot)?;
    // Some receivers take `<no value>` for broken HTML, so that Grafana writes brackets.
    Ok(run.out.replace("<no value>", "[no value]"))
}

struct Run<'t, 'a> {
    tree: &'t Tree,
    data: &'a Data<'a>,
    out: String,
    steps: usize,
    depth: usize,
    variables: Vec<(&'t str, Value<'a>)>,
}

/// How a list of nodes ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

impl<'t, 'a> Run<'t, 'a> {
    fn nodes(&mut self, nodes: &'t [Node], dot: &Value<'a>) -> Result<Flow, String> {
        for node in nodes {
            let flow = self.node(node, dot)?;
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn node(&mut self, node: &'t Node, dot: &Value<'a>) -> Result<Flow, String> {
        self.count()?;
        match node {
            Node::Text(text) => self.write(text)?,
            Node::Print(pipeline) => {
                let value = self.pipeline(pipeline, dot)?;
                if pipeline.variables.is_empty() {
                    self.write(&value.shown())?;
                }
            }
            Node::If(branch) => return self.choose(branch, dot, false),
            Node::With(branch) => return self.choose(branch, dot, true),
            Node::Range(branch) => return self.range(branch, dot),
            Node::Template { name, data } => self.template(name, data.as_ref(), dot)?,
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    fn count(&mut self) -> Result<(), String> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err("the template does not come to an end".to_owned());
        }
        Ok(())
    }

    fn write(&mut self, text: &str) -> Result<(), String> {
        if self.out.len() + text.len() > LONGEST {
            return Err(format!("the text is longer than {LONGEST} bytes"));
        }
        self.out.push_str(text);
        Ok(())
    }

    fn choose(&mut self, branch: &'t Branch, dot: &Value<'a>, moves: bool) -> Result<Flow, String> {
        let known = self.variables.len();
        let value = self.pipeline(&branch.pipeline, dot)?;
        let flow = if !value.is_true() {
            self.nodes(&branch.otherwise, dot)
        } else if moves {
            self.nodes(&branch.then, &value)
        } else {
            self.nodes(&branch.then, dot)
        };
        self.variables.truncate(known);
        flow
    }

    fn range(&mut self, branch: &'t Branch, dot: &Value<'a>) -> Result<Flow, String> {
        let known = self.variables.len();
        let pipeline = &branch.pipeline;
        let value = self.commands(pipeline, dot)?;
        if pipeline.variables.len() > 1 && matches!(value, Value::Int(_)) {
            return Err("numbers have no keys to go through; range over one variable".to_owned());
        }
        let mut elements = elements(value)?.peekable();
        if elements.peek().is_none() {
            let flow = self.nodes(&branch.otherwise, dot);
            self.variables.truncate(known);
            return flow;
        }
        for (key, element) in elements {
            self.count()?;
            let values = match pipeline.variables.len() {
                0 => Vec::new(),
                1 => vec![element.clone()],
                _ => vec![key, element.clone()],
            };
            for (name, value) in pipeline.variables.iter().zip(values) {
                self.bind(name, value, pipeline.declares);
            }
            let flow = self.nodes(&branch.then, &element)?;
            self.variables.truncate(known);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::On)
    }

    fn template(
        &mut self,
        name: &str,
        data: Option<&'t Pipeline>,
        dot: &Value<'a>,
    ) -> Result<(), String> {
        let Some(nodes) = self.tree.defined.get(name) else {
            return Err(format!("the template `{name}` is not defined"));
        };
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("the template `{name}` calls itself for ever"));
        }
        let dot = match data {
            Some(pipeline) => self.pipeline(pipeline, dot)?,
            None => Value::Missing,
        };
        let outside = std::mem::replace(&mut self.variables, vec![("$", dot.clone())]);
        self.nodes(nodes, &dot)?;
        self.variables = outside;
        self.depth -= 1;
        Ok(())
    }

    fn pipeline(&mut self, pipeline: &'t Pipeline, dot: &Value<'a>) -> Result<Value<'a>, String> {
        let value = self.commands(pipeline, dot)?;
        for name in &pipeline.variables {
            self.bind(name, value.clone(), pipeline.declares);
        }
        Ok(value)
    }

    fn bind(&mut self, name: &'t str, value: Value<'a>, declares: bool) {
        let known = self.variables.iter_mut().rev().find(|it| it.0 == name);
        match known {
            Some(known) if !declares => known.1 = value,
            _ => self.variables.push((name, value)),
        }
    }

    fn commands(&mut self, pipeline: &'t Pipeline, dot: &Value<'a>) -> Result<Value<'a>, String> {
        let mut last = None;
        for command in &pipeline.commands {
            last = Some(self.command(command, dot, last)?);
        }
        Ok(last.unwrap_or(Value::Missing))
    }

    fn command(
        &mut self,
        command: &'t Command,
        dot: &Value<'a>,
        last: Option<Value<'a>>,
    ) -> Result<Value<'a>, String> {
        let Operand::Function(function) = &command.first else {
            return self.operand(&command.first, dot);
        };
        let mut arguments = Vec::with_capacity(command.arguments.len() + 1);
        for argument in &command.arguments {
            let value = self.operand(argument, dot)?;
            // What decides the result ends the evaluation, as in Go.
            let decides = match function {
                Function::And => !value.is_true(),
                Function::Or => value.is_true(),
                _ => false,
            };
            if decides {
                return Ok(value);
            }
            arguments.push(value);
        }
        arguments.extend(last);
        function.call(arguments, self.data)
    }

    fn operand(&mut self, operand: &'t Operand, dot: &Value<'a>) -> Result<Value<'a>, String> {
        let (start, fields): (Value<'a>, &[String]) = match operand {
            Operand::Dot => return Ok(dot.clone()),
            Operand::Nil => return Ok(Value::Missing),
            Operand::Bool(it) => return Ok(Value::Bool(*it)),
            Operand::Int(it) => return Ok(Value::Int(*it)),
            Operand::Float(it) => return Ok(Value::Float(*it)),
            Operand::Text(it) => return Ok(Value::text(it.clone())),
            Operand::Function(function) => return function.call(Vec::new(), self.data),
            Operand::Field(fields) => (dot.clone(), fields),
            Operand::Variable(name, fields) => {
                let found = self.variables.iter().rev().find(|it| it.0 == name);
                let value = found.map(|(_, value)| value.clone());
                (value.unwrap_or(Value::Missing), fields)
            }
            Operand::Pipeline(pipeline, fields) => {
                let known = self.variables.len();
                let value = self.pipeline(pipeline, dot)?;
                self.variables.truncate(known);
                (value, fields)
            }
        };
        fields
            .iter()
            .try_fold(start, |value, field| value.field(field))
    }
}

/// Keys and values, in the order of keys.
fn elements<'a>(
    value: Value<'a>,
) -> Result<Box<dyn Iterator<Item = (Value<'a>, Value<'a>)> + 'a>, String> {
    Ok(match value {
        Value::Missing | Value::Samples => Box::new(std::iter::empty()),
        Value::Labels(labels) => Box::new(
            labels
                .into_owned()
                .into_iter()
                .map(|(name, value)| (Value::text(name), Value::text(value))),
        ),
        Value::Values(values) => Box::new(
            values
                .iter()
                .map(|(name, value)| (Value::text(name.as_str()), Value::Number(Some(value)))),
        ),
        Value::Arguments(arguments) => Box::new(
            arguments
                .into_iter()
                .map(|(name, value)| (Value::text(name), value)),
        ),
        Value::Int(count) => Box::new((0..count).map(|it| (Value::Int(it), Value::Int(it)))),
        other => {
            return Err(format!(
                "{} has no elements to go through",
                other.type_name()
            ));
        }
    })
}
