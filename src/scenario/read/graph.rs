//! Order in graphs of things that wait for each other.

/// Sorts the nodes so that each comes after all that it waits for, or returns a circle as the path
/// that closes it: the first node again at its end.
///
/// `waits_for[node]` lists the nodes that come before it. Depth first; linear in the number of
/// edges.
pub(crate) fn order_or_circle(waits_for: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; waits_for.len()];
    let mut order = Vec::with_capacity(waits_for.len());
    for root in 0..waits_for.len() {
        if marks[root] != Mark::New {
            continue;
        }
        // A path of nodes, each with the next of its edges to look at.
        let mut path = vec![(root, 0)];
        marks[root] = Mark::Open;
        while let Some((node, edge)) = path.last_mut() {
            let Some(next) = waits_for[*node].get(*edge).copied() else {
                marks[*node] = Mark::Done;
                order.push(*node);
                path.pop();
                continue;
            };
            *edge += 1;
            match marks[next] {
                Mark::Done => {}
                Mark::New => {
                    marks[next] = Mark::Open;
                    path.push((next, 0));
                }
                Mark::Open => {
                    let start = path.iter().position(|(node, _)| *node == next);
                    let start = start.expect("an open node is on the path");
                    let mut circle: Vec<usize> =
                        path[start..].iter().map(|(node, _)| *node).collect();
                    circle.push(next);
                    return Err(circle);
                }
            }
        }
    }
    Ok(order)
}
